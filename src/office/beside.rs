//! What stands in the panel of a visitor, on the board and beside a chat, below what is live there: a sheet, since nobody has to
//! download it.

use engine::{
    Beside, Engine, Principal,
    browser::Device,
    opening,
    source::Source,
    store::{Block as Held, HistoryFilter, VisitorFacts},
};
use protocol::{
    Millis,
    agent::Directory,
    id::{VisitId, VisitorId},
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Kind, Link, Sheet, Table, Tone},
};

use super::{
    Done,
    fields::Fields,
    history::{HERE as HISTORY, agent_name, outcome, tone},
    visitors, words,
};

const HERE: &str = "/history/visits";
/// The most chats, notes and invitations that the panel tells of each; the rest stands on the whole sheet.
const AT_ONCE: usize = 5;
/// For how long one may be blocked, in hours; 0: for good.
const LASTING: [(u64, words::Word); 4] =
    [(1, words::one_hour), (24, words::one_day), (24 * 30, words::thirty_days), (0, words::for_good)];

/// What is known of one visit, and of whose it is.
pub(super) async fn show(engine: &Engine, me: &Principal, visit: &str) -> Result<Sheet, Refusal> {
    let visit: VisitId = visit.parse().map_err(|_| Refusal::NotFound)?;
    let here = format!("{HERE}/{visit}");
    let (now, directory) = (engine.now(), engine.directory(me).await?);
    let Beside { source, known } = engine.beside(me, visit).await?;
    let mut facts = of_visit(&source, now);
    let Some(known) = known else {
        let mut sheet = Sheet::new(words::concierge_visitor(), "").with(Block::Facts(facts));
        sheet.blocks.extend([Block::Heading(words::known().to_owned()), Block::Text(words::silent().to_owned())]);
        sheet.blocks.extend(blocking(&here, None, &directory, now));
        return Ok(sheet);
    };
    let visitor = &known.visitor;
    facts.push((words::visits().to_owned(), visitor.visits.to_string().into()));
    facts.extend(visitors::said(visitor));
    let everything = Cell::Link(Link::new(&format!("{}/{}", visitors::HERE, visitor.id), words::everything_known()));
    let mut sheet = Sheet::new(visitors::name(visitor), "");
    if let Some(held) = visitor.block.filter(|held| held.holds(now)) {
        sheet.blocks.extend(blocking(&here, Some(&held), &directory, now));
    }
    sheet.blocks.extend([
        Block::Facts(facts),
        Block::Ways(vec![everything]),
        Block::Heading(words::past_chats().to_owned()),
        Block::Table(chats(engine, me, &directory, visitor.id).await?),
        Block::Heading(words::notes().to_owned()),
        Block::Table(notes(&directory, &known)),
        Block::Form(Form::new(&format!("{here}/note"), words::note_add(), vec![visitors::note_field()])),
        Block::Heading(words::invitations().to_owned()),
        Block::Table(invitations(&directory, &known)),
    ]);
    if let Some(form) = visitors::who(visitor, &here) {
        sheet.blocks.extend([Block::Heading(words::name_him().to_owned()), Block::Form(form)]);
    }
    if visitor.block.is_none_or(|held| !held.holds(now)) {
        sheet.blocks.extend(blocking(&here, None, &directory, now));
    }
    Ok(sheet)
}

/// Does what was filled in there.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    visit: &str,
    what: Option<&str>,
    fields: &Fields,
) -> Result<Done, Refusal> {
    let id: VisitId = visit.parse().map_err(|_| Refusal::NotFound)?;
    let here = format!("{HERE}/{id}");
    let visitor = engine.visitor_in_visit(me, id).await?;
    match visitors::act(engine, me, visitor, what, fields).await? {
        None => Ok(Done::saved(&here)),
        Some((field, trouble)) => {
            let to = what.map_or(here.clone(), |what| format!("{here}/{what}"));
            Ok(Done::Again(fields.again(show(engine, me, visit).await?, &to, &[(field, &trouble)])))
        }
    }
}

/// Where a visit came from, and what is read there by which clock.
pub(super) fn of_visit(source: &Source, now: Millis) -> Vec<(String, Cell)> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, cell: Cell| facts.push((label.to_owned(), cell));
    if !source.referrer.is_empty() {
        // Words, and no way there: a stranger has named it.
        fact(words::referrer(), source.referrer.trim_end_matches('/').into());
    }
    let campaign: Vec<String> = source.campaign().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !campaign.is_empty() {
        fact(words::campaign(), campaign.join(", ").into());
    }
    if let Some(device) = source.device {
        let word = match device {
            Device::Desktop => words::desktop(),
            Device::Phone => words::phone(),
            Device::Tablet => words::tablet(),
        };
        fact(words::device(), word.into());
    }
    if !source.language.is_empty() {
        let tag = source.language.to_string();
        fact(
            words::language(),
            words::language_name(&tag).map_or(tag.clone().into(), |name| Cell::Two(name.to_owned(), tag)),
        );
    }
    if let Some(ahead) = opening::minutes_ahead(&source.time_zone, now) {
        let zone = source.time_zone.replace('_', " ").into();
        fact(words::local_time(), Cell::Several(vec![Cell::Clock(ahead), zone]));
    }
    facts
}

/// Whether he is served, and the way to the opposite.
pub(super) fn blocking(here: &str, held: Option<&Held>, directory: &Directory, now: Millis) -> Vec<Block> {
    match held.filter(|held| held.holds(now)) {
        Some(held) => {
            let until = held.until.map_or_else(|| words::for_good().into(), Cell::Time);
            let by = agent_name(directory, held.by).into();
            vec![
                Block::Notice(Tone::FormError, words::is_blocked().to_owned()),
                Block::Facts(vec![(words::blocked_by().to_owned(), by), (words::blocked_until().to_owned(), until)]),
                Block::Form(Form::new(&format!("{here}/lift"), words::lift_block(), Vec::new())),
            ]
        }
        None => {
            let lasting = LASTING.map(|(hours, words)| (hours.to_string(), words().to_owned()));
            let field =
                Field::new("hours", words::block_for(), Kind::Choice(lasting.to_vec())).hint(words::block_hint());
            let form = Form::new(&format!("{here}/block"), words::block(), vec![field]).irrevocable();
            vec![Block::Heading(words::block().to_owned()), Block::Form(form)]
        }
    }
}

/// For how long, as it was chosen there: milliseconds; none: for good.
///
/// # Errors
/// `NotFound` for what cannot be chosen.
pub(super) fn lasting(chosen: &str) -> Result<Option<u64>, Refusal> {
    let found = LASTING.iter().find(|(hours, _)| hours.to_string() == chosen);
    let (hours, _) = found.ok_or(Refusal::NotFound)?;
    Ok((*hours > 0).then(|| hours * 3_600_000))
}

async fn chats(engine: &Engine, me: &Principal, directory: &Directory, visitor: VisitorId) -> Result<Table, Refusal> {
    let filter = HistoryFilter { visitor: Some(visitor), ..engine.history_filter(me).await? };
    let limit = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    let chats = engine.history(me, filter, None, limit).await?;
    let row = |chat: &engine::store::PastChat| {
        let agent = chat.agent.map_or(words::nobody().to_owned(), |agent| agent_name(directory, agent));
        let to = Link::new(&format!("{HISTORY}/{}", chat.id), &agent);
        vec![Cell::Time(chat.began_at), Cell::Link(to), Cell::Badge(tone(chat), outcome(chat).to_owned())]
    };
    let heads = [words::history_began(), words::history_agent(), words::history_outcome()];
    Ok(visitors::of(&heads, chats.iter().map(row).collect(), words::no_chat()))
}

fn notes(directory: &Directory, known: &VisitorFacts) -> Table {
    let row = |note: &engine::store::VisitorNote| {
        vec![Cell::Time(note.at), Cell::Two(note.text.clone(), agent_name(directory, note.by))]
    };
    let rows = known.notes.iter().take(AT_ONCE).map(row).collect();
    visitors::of(&[words::audit_when(), words::note()], rows, words::no_note())
}

fn invitations(directory: &Directory, known: &VisitorFacts) -> Table {
    let row = |one: &engine::store::PastInvitation| {
        vec![Cell::Time(one.sent_at), agent_name(directory, one.by).into(), visitors::ended(one)]
    };
    let rows = known.invitations.iter().take(AT_ONCE).map(row).collect();
    visitors::of(&[words::audit_when(), words::audit_who(), words::history_outcome()], rows, words::no_invitation())
}
