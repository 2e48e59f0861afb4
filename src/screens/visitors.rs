//! The past visitor screens: a list of visitors, and everything stored about each one.

use engine::{
    Engine, Permission, Principal,
    store::{HistoryFilter, PastInvitation, VisitorCursor, VisitorFacts, VisitorProfile},
};
use protocol::{
    Millis,
    agent::Directory,
    id::VisitorId,
    invitation::Answer,
    page::Page,
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table, Tone},
};

use super::{
    FormOutcome,
    form_fields::Fields,
    history::{agent_name, table, tabs},
    i18n, reauthentication,
    screen_address::Address,
    visitor_panel::{block_duration, block_section, visit_facts},
};

pub(super) const PATH: &str = "/history/visitors";
const VISITORS: usize = 50;
const CHATS: u32 = 20;

/// Lists stored visitors, most recently seen first.
pub(super) async fn show(engine: &Engine, me: &Principal, address: &Address) -> Result<Screen, Refusal> {
    let limit = u32::try_from(VISITORS + 1).unwrap_or(u32::MAX);
    let (now, blocked) = (engine.now(), address.param("blocked") == "on");
    let after = parse_cursor(address.param("after"));
    let mut visitors = engine.visitor_profiles(me, address.param("words"), blocked, after, limit).await?;
    let more =
        visitors.get(VISITORS).map(|_| &visitors[VISITORS - 1]).map(|last| format!("{}.{}", last.seen_at, last.id));
    visitors.truncate(VISITORS);
    let search = Field::new("words", i18n::history_words(), FieldKind::Line).value(address.param("words"));
    let only = Field::new("blocked", i18n::only_blocked(), FieldKind::Switch).on(blocked);
    let form = Form::query(PATH, i18n::show(), vec![search.hint(i18n::visitors_words_hint()), only]);
    let heads = [
        i18n::last_seen(),
        i18n::history_visitor(),
        i18n::visits(),
        i18n::pages(),
        i18n::chats(),
        i18n::history_last_page(),
    ];
    let rows = visitors.iter().map(|visitor| {
        vec![
            Cell::Time(visitor.seen_at),
            visitor_cell(visitor, now),
            visitor.visits.to_string().into(),
            visitor.pages.to_string().into(),
            visitor.chats.to_string().into(),
            visitor.page.as_ref().map_or_else(|| "".into(), page),
        ]
    });
    let table = Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        empty: i18n::visitors_were_empty().to_owned(),
        more: more.map(|after| Link::new(&address.with("after", &after), i18n::more())),
    };
    let mut screen = Screen::new(i18n::visitors_were(), i18n::visitors_were_lead())
        .with(Block::Form(form))
        .with(Block::Table(table));
    if address.has("erased") {
        screen.blocks.insert(0, Block::Notice(Tone::Good, i18n::erased().to_owned()));
    }
    screen.tabs = tabs(PATH);
    Ok(screen)
}

/// Shows everything stored about a visitor.
pub(super) async fn show_one(engine: &Engine, me: &Principal, visitor: &str) -> Result<Screen, Refusal> {
    let visitor: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    let directory = engine.directory(me).await?;
    let facts = engine.visitor_facts(me, visitor).await?;
    let filter = HistoryFilter { visitor: Some(visitor), ..engine.history_filter(me).await? };
    let chats = engine.history(me, filter, None, CHATS).await?;
    let here = format!("{PATH}/{visitor}");
    let (now, held) = (engine.now(), facts.visitor.block.as_ref());
    let is_blocked = held.is_some_and(|held| held.is_active_at(now));
    let mut screen = Screen::new(name(&facts.visitor), "");
    if is_blocked {
        screen.blocks.extend(block_section(&here, held, &directory, now));
    }
    screen = screen.with(Block::Facts(visitor_facts(&facts, now)));
    if let Some(form) = identity_form(&facts.visitor, &here) {
        screen = screen.with(Block::Form(form));
    }
    let known = &facts.visitor;
    screen.blocks.extend(list(i18n::chats(), table(&directory, &chats, &[]), known.chats));
    screen.blocks.extend(list(i18n::notes(), notes(&directory, &facts), known.notes));
    screen = screen.with(Block::Form(Form::new(&format!("{here}/note"), i18n::note_add(), vec![note_field()])));
    screen.blocks.extend(list(i18n::invitations(), invitations(&directory, &facts), known.invitations));
    screen.blocks.extend(list(i18n::pages(), page_views(&facts), known.pages));
    if !is_blocked {
        screen.blocks.extend(block_section(&here, None, &directory, now));
    }
    if me.may(Permission::ManagePrivacy).is_ok() {
        let erase = Form::new(&format!("{here}/erase"), i18n::erase(), Vec::new()).irrevocable();
        screen = screen.with(Block::Heading(i18n::privacy().to_owned()));
        if let Some(form) = reauthentication::form_if_needed(engine, me, &format!("{here}/export")).await? {
            screen = screen.with(Block::Form(form));
        }
        screen = screen
            .with(Block::Form(Form::download(&format!("{here}/known.json"), i18n::export(), Vec::new())))
            .with(Block::Text(i18n::erase_lead().to_owned()))
            .with(Block::Form(erase));
    }
    screen.tabs = tabs("");
    Ok(screen)
}

/// Handles the forms on a visitor's screen: name and email, notes, blocking, and data deletion.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    visitor: &str,
    what: Option<&str>,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let id: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    let here = format!("{PATH}/{visitor}");
    // The password was entered for an export.
    if what == Some("export") {
        me.may(Permission::ManagePrivacy)?;
        return Ok(FormOutcome::Redirect(here));
    }
    if what == Some("erase") {
        engine.erase_visitor(me, id).await?;
        return Ok(FormOutcome::Redirect(format!("{PATH}?erased")));
    }
    match apply_action(engine, me, id, what, fields).await? {
        None => Ok(FormOutcome::saved(&here)),
        Some((field, error)) => {
            let to = what.map_or(here.clone(), |what| format!("{here}/{what}"));
            Ok(FormOutcome::Render(fields.redisplay(show_one(engine, me, visitor).await?, &to, &[(field, &error)])))
        }
    }
}

/// Performs the action requested by a visitor form. Returns the invalid field and its error message, if any.
pub(super) async fn apply_action(
    engine: &Engine,
    me: &Principal,
    visitor: VisitorId,
    what: Option<&str>,
    fields: &Fields,
) -> Result<Option<(&'static str, String)>, Refusal> {
    let done = match what {
        None => engine.name_visitor(me, visitor, fields.text("name"), fields.text("email")).await,
        Some("note") => engine.note_on_visitor(me, visitor, fields.text("text")).await,
        Some("block") => engine.block(me, visitor, block_duration(fields.text("hours"))?).await,
        Some("lift") => engine.lift_block(me, visitor).await,
        Some(_) => Err(Refusal::NotFound),
    };
    Ok(Some(match (done, what) {
        (Ok(()), _) => return Ok(None),
        (Err(Refusal::NotAnEmail), _) => ("email", i18n::no_email().to_owned()),
        (Err(Refusal::TooLong { limit }), None) => ("name", i18n::fill(i18n::too_long(), &limit.to_string())),
        (Err(Refusal::TooLong { limit }), _) => ("text", i18n::fill(i18n::too_long(), &limit.to_string())),
        (Err(Refusal::Empty), _) => ("text", i18n::missing().to_owned()),
        (Err(refusal), _) => return Err(refusal),
    }))
}

fn visitor_facts(facts: &VisitorFacts, now: Millis) -> Vec<(String, Cell)> {
    let visitor = &facts.visitor;
    let last = facts.visits.first();
    let lines = [
        (i18n::last_seen(), Cell::Time(visitor.seen_at)),
        (i18n::first_seen(), Cell::Time(visitor.first_at)),
        (i18n::visits(), visitor.visits.to_string().into()),
        (i18n::browser(), last.map_or("", |visit| &visit.browser).into()),
    ];
    let mut known = lines.map(|(label, cell)| (label.to_owned(), cell)).to_vec();
    known.extend(last.map(|visit| visit_facts(&visit.source, now)).unwrap_or_default());
    known.extend(identity_facts(visitor));
    known
}

/// Returns the visitor's name and email address, and who provided each of them.
pub(super) fn identity_facts(visitor: &VisitorProfile) -> Vec<(String, Cell)> {
    let both = [(i18n::name(), &visitor.name, visitor.says_name), (i18n::email(), &visitor.email, visitor.says_email)];
    let known = both.into_iter().filter_map(|(label, text, by_himself)| {
        let badge = match (by_himself, visitor.by_agent) {
            (true, _) => Cell::Badge(Tone::Good, i18n::said_by_himself().to_owned()),
            (false, true) => Cell::Badge(Tone::Plain, i18n::unverified().to_owned()),
            (false, false) => return Some((label, vec![text.clone()?.into()])),
        };
        Some((label, vec![text.clone()?.into(), badge]))
    });
    known.map(|(label, cells)| (label.to_owned(), Cell::Group(cells))).collect()
}

/// Returns a form for whichever of name and email the visitor has not provided, or `None` if they provided both.
pub(super) fn identity_form(visitor: &VisitorProfile, here: &str) -> Option<Form> {
    let name = Field::new("name", i18n::name(), FieldKind::Line).value(visitor.name.as_deref().unwrap_or_default());
    let email =
        Field::new("email", i18n::email(), FieldKind::Email).value(visitor.email.as_deref().unwrap_or_default());
    let fields: Vec<Field> = [(name, visitor.says_name), (email, visitor.says_email)]
        .into_iter()
        .filter_map(|(field, by_himself)| (!by_himself).then_some(field))
        .collect();
    (!fields.is_empty()).then(|| Form::new(here, i18n::save(), fields))
}

pub(super) fn note_field() -> Field {
    Field::new("text", i18n::note(), FieldKind::Lines(3)).hint(i18n::note_hint()).required()
}

fn notes(directory: &Directory, facts: &VisitorFacts) -> Table {
    let row = |note: &engine::store::VisitorNote| {
        vec![Cell::Time(note.at), agent_name(directory, note.by).into(), note.text.clone().into()]
    };
    build_table(
        &[i18n::audit_when(), i18n::audit_who(), i18n::note()],
        facts.notes.iter().map(row).collect(),
        i18n::no_note(),
    )
}

fn invitations(directory: &Directory, facts: &VisitorFacts) -> Table {
    let row = |invitation: &PastInvitation| {
        vec![
            Cell::Time(invitation.sent_at),
            agent_name(directory, invitation.by).into(),
            outcome_cell(invitation),
            invitation.text.clone().into(),
        ]
    };
    let heads = [i18n::audit_when(), i18n::audit_who(), i18n::history_outcome(), i18n::history_words()];
    build_table(&heads, facts.invitations.iter().map(row).collect(), i18n::no_invitation())
}

/// Returns an invitation's outcome and when it was decided.
pub(super) fn outcome_cell(invitation: &PastInvitation) -> Cell {
    let state = match invitation.state {
        state if state.is_open() => i18n::is_open(),
        state => protocol::i18n::invitation(i18n::current_language(), state),
    };
    let how = match invitation.late_answer {
        Some(Answer::Accept) => i18n::fill(i18n::accepted_late(), state),
        Some(Answer::Deny) => i18n::fill(i18n::denied_late(), state),
        None => state.to_owned(),
    };
    Cell::Group([how.into()].into_iter().chain(invitation.decided_at.map(Cell::Time)).collect())
}

fn page_views(facts: &VisitorFacts) -> Table {
    let pages = facts.visits.iter().flat_map(|visit| visit.page_views.iter().rev().map(move |view| (visit, view)));
    let rows = pages.map(|(visit, view)| vec![Cell::Time(view.at), page(&view.page), visit.browser.clone().into()]);
    build_table(&[i18n::audit_when(), i18n::pages(), i18n::browser()], rows.collect(), i18n::history_empty())
}

/// Returns a heading and a table. If the table does not contain all rows, a sentence says how many there are.
pub(super) fn list(heading: &str, table: Table, total: u32) -> Vec<Block> {
    let is_all = u32::try_from(table.rows.len()).is_ok_and(|shown| shown >= total);
    let rest = (!is_all).then(|| Block::Text(i18n::fill(i18n::not_all(), &total.to_string())));
    [Block::Heading(heading.to_owned()), Block::Table(table)].into_iter().chain(rest).collect()
}

pub(super) fn build_table(heads: &[&str], rows: Vec<Vec<Cell>>, empty: &str) -> Table {
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    Table { heads, rows, empty: empty.to_owned(), more: None }
}

/// Returns a page's title and path as plain text, not as a link, because an old URL may lead to anything by now.
fn page(page: &Page) -> Cell {
    Cell::TwoLines(page.title.clone(), page.path().to_owned())
}

/// Returns the visitor's name as a link to their screen, with a badge if they are blocked.
fn visitor_cell(visitor: &VisitorProfile, now: Millis) -> Cell {
    let link = Cell::Link(Link::new(&format!("{PATH}/{}", visitor.id), name(visitor)));
    match visitor.block.filter(|held| held.is_active_at(now)) {
        Some(_) => Cell::Group(vec![link, Cell::Badge(Tone::Danger, i18n::blocked().to_owned())]),
        None => link,
    }
}

pub(super) fn name(visitor: &VisitorProfile) -> &str {
    visitor.name.as_deref().or(visitor.email.as_deref()).unwrap_or(i18n::concierge_visitor())
}

fn parse_cursor(text: &str) -> Option<VisitorCursor> {
    let (at, visitor) = text.split_once('.')?;
    Some((at.parse::<Millis>().ok()?, visitor.parse().ok()?))
}
