//! The visitor panel, shown below the live data next to the board and next to a chat. The server renders it as a screen
//! so that it does not add code to the dashboard's bundle.

use engine::{
    Engine, Principal, VisitorPanel, opening_hours,
    store::{Block as VisitorBlock, HistoryFilter, VisitorFacts},
    traffic_source::Source,
    user_agent::Device,
};
use protocol::{
    Millis,
    agent::Directory,
    id::{VisitId, VisitorId},
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table, Tone},
};

use super::{
    FormOutcome,
    form_fields::Fields,
    history::{PATH as HISTORY, agent_name, outcome, tone},
    i18n, visitors,
};

const PATH: &str = "/history/visits";
/// The maximum number of rows in each of the panel's tables. The visitor's own screen shows more.
const MAX_ROWS: usize = 5;
/// The available block durations, in hours. Zero means permanently.
const BLOCK_DURATIONS: [(u64, i18n::StringFn); 4] =
    [(1, i18n::one_hour), (24, i18n::one_day), (24 * 30, i18n::thirty_days), (0, i18n::for_good)];

/// Shows what is known about a visit and its visitor.
pub(super) async fn show(engine: &Engine, me: &Principal, visit: &str) -> Result<Screen, Refusal> {
    let visit: VisitId = visit.parse().map_err(|_| Refusal::NotFound)?;
    let here = format!("{PATH}/{visit}");
    let (now, directory) = (engine.now(), engine.directory(me).await?);
    let VisitorPanel { source, known } = engine.visitor_panel(me, visit).await?;
    let mut facts = visit_facts(&source, now);
    let Some(known) = known else {
        let mut screen = Screen::new(i18n::concierge_visitor(), "").with(Block::Facts(facts));
        screen.blocks.extend([Block::Heading(i18n::known().to_owned()), Block::Text(i18n::silent().to_owned())]);
        screen.blocks.extend(block_section(&here, None, &directory, now));
        return Ok(screen);
    };
    let visitor = &known.visitor;
    facts.push((i18n::visits().to_owned(), visitor.visits.to_string().into()));
    facts.extend(visitors::identity_facts(visitor));
    let everything = Cell::Link(Link::new(&format!("{}/{}", visitors::PATH, visitor.id), i18n::everything_known()));
    let mut screen = Screen::new(visitors::name(visitor), "");
    if let Some(held) = visitor.block.filter(|held| held.is_active_at(now)) {
        screen.blocks.extend(block_section(&here, Some(&held), &directory, now));
    }
    let chats = chats(engine, me, &directory, visitor.id).await?;
    screen.blocks.extend([Block::Facts(facts), Block::Links(vec![everything])]);
    screen.blocks.extend(visitors::list(i18n::past_chats(), chats, visitor.chats));
    screen.blocks.extend(visitors::list(i18n::notes(), notes(&directory, &known), visitor.notes));
    let add_note = Form::new(&format!("{here}/note"), i18n::note_add(), vec![visitors::note_field()]);
    screen.blocks.push(Block::Form(add_note));
    let invitations = invitations(&directory, &known);
    screen.blocks.extend(visitors::list(i18n::invitations(), invitations, visitor.invitations));
    if let Some(form) = visitors::identity_form(visitor, &here) {
        screen.blocks.extend([Block::Heading(i18n::name_him().to_owned()), Block::Form(form)]);
    }
    if visitor.block.is_none_or(|held| !held.is_active_at(now)) {
        screen.blocks.extend(block_section(&here, None, &directory, now));
    }
    Ok(screen)
}

/// Handles the panel's forms.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    visit: &str,
    what: Option<&str>,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let id: VisitId = visit.parse().map_err(|_| Refusal::NotFound)?;
    let here = format!("{PATH}/{id}");
    let visitor = engine.visitor_in_visit(me, id).await?;
    match visitors::apply_action(engine, me, visitor, what, fields).await? {
        None => Ok(FormOutcome::saved(&here)),
        Some((field, error)) => {
            let to = what.map_or(here.clone(), |what| format!("{here}/{what}"));
            Ok(FormOutcome::Render(fields.redisplay(show(engine, me, visit).await?, &to, &[(field, &error)])))
        }
    }
}

/// Returns a visit's traffic source, device, language, and local time.
pub(super) fn visit_facts(source: &Source, now: Millis) -> Vec<(String, Cell)> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, cell: Cell| facts.push((label.to_owned(), cell));
    if !source.referrer.is_empty() {
        // Shown as plain text rather than as a link because the visitor's browser controls the value.
        fact(i18n::referrer(), source.referrer.trim_end_matches('/').into());
    }
    let campaign: Vec<String> = source.campaign().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !campaign.is_empty() {
        fact(i18n::campaign(), campaign.join(", ").into());
    }
    if let Some(device) = source.device {
        let word = match device {
            Device::Desktop => i18n::desktop(),
            Device::Phone => i18n::phone(),
            Device::Tablet => i18n::tablet(),
        };
        fact(i18n::device(), word.into());
    }
    if !source.language.is_empty() {
        let tag = source.language.to_string();
        fact(
            i18n::language(),
            i18n::language_name(&tag).map_or(tag.clone().into(), |name| Cell::TwoLines(name.to_owned(), tag)),
        );
    }
    if let Some(ahead) = opening_hours::utc_offset_minutes(&source.time_zone, now) {
        let zone = source.time_zone.replace('_', " ").into();
        fact(i18n::local_time(), Cell::Group(vec![Cell::Clock(ahead), zone]));
    }
    facts
}

/// Returns either the active block with a button to lift it, or a form for blocking the visitor.
pub(super) fn block_section(here: &str, held: Option<&VisitorBlock>, directory: &Directory, now: Millis) -> Vec<Block> {
    match held.filter(|held| held.is_active_at(now)) {
        Some(held) => {
            let until = held.until.map_or_else(|| i18n::for_good().into(), Cell::Time);
            let by = agent_name(directory, held.by).into();
            vec![
                Block::Notice(Tone::Danger, i18n::is_blocked().to_owned()),
                Block::Facts(vec![(i18n::blocked_by().to_owned(), by), (i18n::blocked_until().to_owned(), until)]),
                Block::Form(Form::new(&format!("{here}/lift"), i18n::lift_block(), Vec::new())),
            ]
        }
        None => {
            let lasting = BLOCK_DURATIONS.map(|(hours, words)| (hours.to_string(), words().to_owned()));
            let field =
                Field::new("hours", i18n::block_for(), FieldKind::Choice(lasting.to_vec())).hint(i18n::block_hint());
            let form = Form::new(&format!("{here}/block"), i18n::block(), vec![field]).irrevocable();
            vec![Block::Heading(i18n::block().to_owned()), Block::Form(form)]
        }
    }
}

/// Parses the chosen block duration and returns it in milliseconds, or `None` for a permanent block.
///
/// # Errors
/// Returns [`Refusal::NotFound`] if the value is not one of the available choices.
pub(super) fn block_duration(chosen: &str) -> Result<Option<u64>, Refusal> {
    let found = BLOCK_DURATIONS.iter().find(|(hours, _)| hours.to_string() == chosen);
    let (hours, _) = found.ok_or(Refusal::NotFound)?;
    Ok((*hours > 0).then(|| hours * 3_600_000))
}

async fn chats(engine: &Engine, me: &Principal, directory: &Directory, visitor: VisitorId) -> Result<Table, Refusal> {
    let filter = HistoryFilter { visitor: Some(visitor), ..engine.history_filter(me).await? };
    let limit = u32::try_from(MAX_ROWS).unwrap_or(u32::MAX);
    let chats = engine.history(me, filter, None, limit).await?;
    let row = |chat: &engine::store::PastChat| {
        let agent = chat.agent.map_or(i18n::nobody().to_owned(), |agent| agent_name(directory, agent));
        let to = Link::new(&format!("{HISTORY}/{}", chat.id), &agent);
        vec![Cell::Time(chat.began_at), Cell::Link(to), Cell::Badge(tone(chat), outcome(chat).to_owned())]
    };
    let heads = [i18n::history_began(), i18n::history_agent(), i18n::history_outcome()];
    Ok(visitors::build_table(&heads, chats.iter().map(row).collect(), i18n::no_chat()))
}

fn notes(directory: &Directory, known: &VisitorFacts) -> Table {
    let row = |note: &engine::store::VisitorNote| {
        vec![Cell::Time(note.at), Cell::TwoLines(note.text.clone(), agent_name(directory, note.by))]
    };
    let rows = known.notes.iter().take(MAX_ROWS).map(row).collect();
    visitors::build_table(&[i18n::audit_when(), i18n::note()], rows, i18n::no_note())
}

fn invitations(directory: &Directory, known: &VisitorFacts) -> Table {
    let row = |one: &engine::store::PastInvitation| {
        vec![Cell::Time(one.sent_at), agent_name(directory, one.by).into(), visitors::outcome_cell(one)]
    };
    let rows = known.invitations.iter().take(MAX_ROWS).map(row).collect();
    visitors::build_table(
        &[i18n::audit_when(), i18n::audit_who(), i18n::history_outcome()],
        rows,
        i18n::no_invitation(),
    )
}
