//! Visitors who were here: who they are, and one of them with everything that is known of him.

use engine::{
    Deed, Engine, Principal,
    store::{HistoryFilter, RememberedVisitor, VisitorFacts, VisitorPlace},
};
use protocol::{
    Millis,
    agent::Directory,
    id::VisitorId,
    invitation::Answer,
    page::Page,
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Kind, Link, Sheet, Table, Tone},
};

use super::{
    Done,
    address::Address,
    fields::Fields,
    history::{agent_name, table, tabs},
    words,
};

const HERE: &str = "/history/visitors";
const VISITORS: usize = 50;
const CHATS: u32 = 20;

/// Who is remembered, who was here last first.
pub(super) async fn show(engine: &Engine, me: &Principal, address: &Address) -> Result<Sheet, Refusal> {
    let limit = u32::try_from(VISITORS + 1).unwrap_or(u32::MAX);
    let mut visitors = engine.remembered(me, address.asked("words"), place(address.asked("after")), limit).await?;
    let more =
        visitors.get(VISITORS).map(|_| &visitors[VISITORS - 1]).map(|last| format!("{}.{}", last.seen_at, last.id));
    visitors.truncate(VISITORS);
    let search = Field::new("words", words::HISTORY_WORDS, Kind::Line).value(address.asked("words"));
    let form = Form::asking(HERE, words::SHOW, vec![search.hint(words::VISITORS_WORDS_HINT)]);
    let heads =
        [words::LAST_SEEN, words::HISTORY_VISITOR, words::VISITS, words::PAGES, words::CHATS, words::HISTORY_LAST_PAGE];
    let rows = visitors.iter().map(|visitor| {
        vec![
            Cell::Time(visitor.seen_at),
            Cell::Link(Link::new(&format!("{HERE}/{}", visitor.id), name(visitor))),
            visitor.visits.to_string().into(),
            visitor.pages.to_string().into(),
            visitor.chats.to_string().into(),
            visitor.page.as_ref().map_or_else(|| "".into(), page),
        ]
    });
    let table = Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        empty: words::VISITORS_WERE_EMPTY.to_owned(),
        more: more.map(|after| Link::new(&address.with("after", &after), words::MORE)),
    };
    let mut sheet =
        Sheet::new(words::VISITORS_WERE, words::VISITORS_WERE_LEAD).with(Block::Form(form)).with(Block::Table(table));
    if address.has("erased") {
        sheet.blocks.insert(0, Block::Notice(Tone::Good, words::ERASED.to_owned()));
    }
    sheet.tabs = tabs(HERE);
    Ok(sheet)
}

/// Everything that is known of one visitor.
pub(super) async fn show_one(engine: &Engine, me: &Principal, visitor: &str) -> Result<Sheet, Refusal> {
    let visitor: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    let directory = engine.directory(me).await?;
    let facts = engine.visitor_facts(me, visitor).await?;
    let filter = HistoryFilter { visitor: Some(visitor), ..engine.history_filter(me).await? };
    let chats = engine.history(me, filter, None, CHATS).await?;
    let here = format!("{HERE}/{visitor}");
    let mut sheet = Sheet::new(name(&facts.visitor), "");
    if facts.visitor.by_agent {
        sheet = sheet.with(Block::Ways(vec![Cell::Badge(Tone::Plain, words::UNVERIFIED.to_owned())]));
    }
    sheet = sheet
        .with(Block::Facts(known(&facts)))
        .with(Block::Form(who(&facts.visitor, &here)))
        .with(Block::Heading(words::CHATS.to_owned()))
        .with(Block::Table(table(&directory, &chats, &[])))
        .with(Block::Heading(words::NOTES.to_owned()))
        .with(Block::Table(notes(&directory, &facts)))
        .with(Block::Form(Form::new(&format!("{here}/note"), words::NOTE_ADD, vec![note_field()])))
        .with(Block::Heading(words::INVITATIONS.to_owned()))
        .with(Block::Table(invitations(&directory, &facts)))
        .with(Block::Heading(words::PAGES.to_owned()))
        .with(Block::Table(trails(&facts)));
    if me.may(Deed::KeepPrivacy).is_ok() {
        let erase = Form::new(&format!("{here}/erase"), words::ERASE, Vec::new()).irrevocable();
        sheet = sheet
            .with(Block::Heading(words::PRIVACY.to_owned()))
            .with(Block::Ways(vec![Cell::Link(Link::new(&format!("{here}/known.json"), words::TAKE_OUT))]))
            .with(Block::Text(words::ERASE_LEAD.to_owned()))
            .with(Block::Form(erase));
    }
    sheet.tabs = tabs("");
    Ok(sheet)
}

/// Fills in who a visitor is, notes something, or erases him.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    visitor: &str,
    what: Option<&str>,
    fields: &Fields,
) -> Result<Done, Refusal> {
    let id: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    let here = format!("{HERE}/{visitor}");
    let done = match what {
        None => engine.name_visitor(me, id, fields.text("name"), fields.text("email")).await,
        Some("note") => engine.note_on_visitor(me, id, fields.text("text")).await,
        Some("erase") => {
            engine.erase_visitor(me, id).await?;
            return Ok(Done::Go(format!("{HERE}?erased")));
        }
        Some(_) => Err(Refusal::NotFound),
    };
    let (field, trouble) = match (done, what) {
        (Ok(()), _) => return Ok(Done::saved(&here)),
        (Err(Refusal::NotAnEmail), _) => ("email", words::NO_EMAIL.to_owned()),
        (Err(Refusal::TooLong { limit }), None) => ("name", words::fill(words::TOO_LONG, &limit.to_string())),
        (Err(Refusal::TooLong { limit }), _) => ("text", words::fill(words::TOO_LONG, &limit.to_string())),
        (Err(Refusal::Empty), _) => ("text", words::MISSING.to_owned()),
        (Err(refusal), _) => return Err(refusal),
    };
    let to = what.map_or(here.clone(), |what| format!("{here}/{what}"));
    Ok(Done::Again(fields.again(show_one(engine, me, visitor).await?, &to, &[(field, &trouble)])))
}

fn known(facts: &VisitorFacts) -> Vec<(String, Cell)> {
    let visitor = &facts.visitor;
    let browser = facts.visits.first().map_or("", |visit| &visit.browser);
    let lines = [
        (words::LAST_SEEN, Cell::Time(visitor.seen_at)),
        (words::FIRST_SEEN, Cell::Time(visitor.first_at)),
        (words::VISITS, visitor.visits.to_string().into()),
        (words::BROWSER, browser.into()),
    ];
    lines.map(|(label, cell)| (label.to_owned(), cell)).to_vec()
}

fn who(visitor: &RememberedVisitor, here: &str) -> Form {
    let fields = vec![
        Field::new("name", words::NAME, Kind::Line).value(visitor.name.as_deref().unwrap_or_default()),
        Field::new("email", words::EMAIL, Kind::Email).value(visitor.email.as_deref().unwrap_or_default()),
    ];
    Form::new(here, words::SAVE, fields)
}

fn note_field() -> Field {
    Field::new("text", words::NOTE, Kind::Lines(3)).hint(words::NOTE_HINT).required()
}

fn notes(directory: &Directory, facts: &VisitorFacts) -> Table {
    let row = |note: &engine::store::VisitorNote| {
        vec![Cell::Time(note.at), agent_name(directory, note.by).into(), note.text.clone().into()]
    };
    of(&[words::AUDIT_WHEN, words::AUDIT_WHO, words::NOTE], facts.notes.iter().map(row).collect(), words::NO_NOTE)
}

fn invitations(directory: &Directory, facts: &VisitorFacts) -> Table {
    let row = |invitation: &engine::store::PastInvitation| {
        let late = match invitation.late_answer {
            Some(Answer::Accept) => " · accepted late",
            Some(Answer::Deny) => " · denied late",
            None => "",
        };
        vec![
            Cell::Time(invitation.sent_at),
            agent_name(directory, invitation.by).into(),
            format!("{}{late}", invitation.state.as_str()).into(),
            invitation.text.clone().into(),
        ]
    };
    let heads = [words::AUDIT_WHEN, words::AUDIT_WHO, words::HISTORY_OUTCOME, words::HISTORY_WORDS];
    of(&heads, facts.invitations.iter().map(row).collect(), words::NO_INVITATION)
}

fn trails(facts: &VisitorFacts) -> Table {
    let pages = facts.visits.iter().flat_map(|visit| visit.trail.iter().rev().map(move |view| (visit, view)));
    let rows = pages.map(|(visit, view)| vec![Cell::Time(view.at), page(&view.page), visit.browser.clone().into()]);
    of(&[words::AUDIT_WHEN, words::PAGES, words::BROWSER], rows.collect(), words::HISTORY_EMPTY)
}

fn of(heads: &[&str], rows: Vec<Vec<Cell>>, empty: &str) -> Table {
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    Table { heads, rows, empty: empty.to_owned(), more: None }
}

/// Its title and its path: words, and no way there, for an old page may say whatever it wants by now.
fn page(page: &Page) -> Cell {
    Cell::Two(page.title.clone(), page.path().to_owned())
}

fn name(visitor: &RememberedVisitor) -> &str {
    visitor.name.as_deref().or(visitor.email.as_deref()).unwrap_or(words::CONCIERGE_VISITOR)
}

fn place(text: &str) -> Option<VisitorPlace> {
    let (at, visitor) = text.split_once('.')?;
    Some((at.parse::<Millis>().ok()?, visitor.parse().ok()?))
}
