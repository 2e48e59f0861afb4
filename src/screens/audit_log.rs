//! The audit log screen: who changed or read what, and when.

use engine::{
    Engine, Principal,
    store::{AuditFilter, AuditLine},
};
use protocol::{
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table},
};

use super::{i18n, screen_address::Address, settings, visitors};

const PATH: &str = "/settings/audit";
const LINES: usize = 50;

/// The action categories available as a filter, matched against the first part of an entry's `action`.
pub(super) const KINDS: &[&str] = &[
    "organization",
    "concierge",
    "team",
    "agent",
    "account",
    "reply",
    "visitor",
    "chat",
    "file",
    "export",
    "privacy",
    "backup",
];

/// Shows the matching entries, newest first.
pub(super) async fn show(engine: &Engine, me: &Principal, address: &Address) -> Result<Screen, Refusal> {
    let filter = AuditFilter {
        agent: address.param("agent").parse().ok(),
        action: address.param("what").to_owned(),
        before: address.param("before").parse().ok(),
    };
    let mut lines = engine.audit(me, filter, LINES + 1).await?;
    let more = lines.get(LINES).map(|_| lines[LINES - 1].id);
    lines.truncate(LINES);
    let table = Table {
        heads: [i18n::audit_when(), i18n::audit_who(), i18n::audit_what(), i18n::audit_subject(), i18n::audit_detail()]
            .map(str::to_owned)
            .to_vec(),
        rows: lines
            .into_iter()
            .map(|line| {
                vec![
                    Cell::Time(line.at),
                    line.agent_name.clone().into(),
                    match i18n::audit_action(&line.action) {
                        Some(sentence) => Cell::TwoLines(sentence.into(), line.action.clone()),
                        None => line.action.clone().into(),
                    },
                    target(&line),
                    line.detail.clone().into(),
                ]
            })
            .collect(),
        empty: i18n::audit_empty().to_owned(),
        more: more.map(|before| Link::new(&address.with("before", &before.to_string()), i18n::more())),
    };
    let mut screen = Screen::new(i18n::audit(), i18n::audit_lead())
        .with(Block::Form(filters(engine, me, address).await?))
        .with(Block::Table(table));
    screen.tabs = settings::tabs(me, PATH);
    Ok(screen)
}

/// Returns what the line is about. Chats and visitors are links.
fn target(line: &AuditLine) -> Cell {
    let path = match line.action.split('.').next() {
        Some("chat") => "/history",
        Some("visitor") => visitors::PATH,
        Some("export") if !line.target.is_empty() => visitors::PATH,
        _ => return line.target.clone().into(),
    };
    if line.target.is_empty() {
        return "".into();
    }
    Cell::Link(Link::new(&format!("{path}/{}", line.target), &line.target))
}

async fn filters(engine: &Engine, me: &Principal, address: &Address) -> Result<Form, Refusal> {
    let all = |words: &str| vec![(String::new(), words.to_owned())];
    let mut agents = all(i18n::everybody());
    agents.extend(engine.directory(me).await?.agents.into_iter().map(|agent| (agent.id.to_string(), agent.name)));
    let mut kinds = all(i18n::audit_all());
    kinds.extend(KINDS.iter().map(|kind| ((*kind).to_owned(), (*kind).to_owned())));
    let fields = vec![
        Field::new("agent", i18n::audit_who(), FieldKind::Choice(agents)).value(address.param("agent")),
        Field::new("what", i18n::audit_what(), FieldKind::Choice(kinds)).value(address.param("what")),
    ];
    Ok(Form::query(PATH, i18n::show(), fields))
}
