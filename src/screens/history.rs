//! The history screens: past chats and their transcripts, plus the filter used for exports.

use engine::{
    Engine, Permission, Principal,
    store::{HistoryCursor, HistoryFilter, Outcome, PastChat, Rating},
};
use protocol::{
    Millis,
    agent::Directory,
    chat::{Author, Body, EndReason, Entry},
    file::size,
    i18n::chat_event,
    id::{AgentId, ChatId},
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table, Tone, TranscriptLine},
};

use super::{FormOutcome, csv::Separator, date_input, i18n, reauthentication, screen_address::Address};

pub(super) const PATH: &str = "/history";
const CHATS: usize = 50;
const ENTRIES: u32 = 100;
/// The query parameters for filtering the history.
const FILTER_PARAMS: [&str; 9] = ["words", "from", "to", "concierge", "team", "agent", "tag", "outcome", "rating"];

/// Returns the history's tabs. `here` is the path of the current tab.
pub(super) fn tabs(here: &str) -> Vec<Link> {
    let all = [(PATH, i18n::history()), ("/history/visitors", i18n::visitors_were())];
    all.map(|(to, words)| Link { here: to == here, ..Link::new(to, words) }).to_vec()
}

/// Returns the filter described by an address's query parameters. Invalid parameters are ignored.
///
/// # Errors
/// Returns the same errors as [`Engine::history_filter`].
pub(crate) async fn filter(engine: &Engine, me: &Principal, address: &Address) -> Result<HistoryFilter, Refusal> {
    Ok(HistoryFilter {
        words: address.param("words").to_owned(),
        from: date_input::start_of(address.param("from")),
        to: date_input::end_of(address.param("to")),
        concierge: address.param("concierge").parse().ok(),
        team: address.param("team").parse().ok(),
        agent: address.param("agent").parse().ok(),
        tag: Some(address.param("tag").to_owned()).filter(|tag| !tag.is_empty()),
        outcome: Outcome::from_word(address.param("outcome")),
        rating: Rating::from_word(address.param("rating")),
        visitor: address.param("visitor").parse().ok(),
        ..engine.history_filter(me).await?
    })
}

/// Shows the matching chats, newest first.
pub(super) async fn show(engine: &Engine, me: &Principal, address: &Address) -> Result<Screen, Refusal> {
    let directory = engine.directory(me).await?;
    let filter = filter(engine, me, address).await?;
    let limit = u32::try_from(CHATS + 1).unwrap_or(u32::MAX);
    let mut chats = engine.history(me, filter, parse_cursor(address.param("after")), limit).await?;
    let more = chats.get(CHATS).map(|_| &chats[CHATS - 1]).map(|last| format!("{}.{}", last.began_at, last.id));
    chats.truncate(CHATS);
    let asked: Vec<(&str, &str)> = FILTER_PARAMS.iter().map(|name| (*name, address.param(name))).collect();
    let mut screen = Screen::new(i18n::history(), i18n::history_lead()).with(Block::Form(form(&directory, address)));
    if me.may(Permission::Export).is_ok() {
        let here = Address::with_params(PATH, &asked);
        if let Some(form) = reauthentication::form_if_needed(engine, me, &here).await? {
            screen = screen.with(Block::Form(form));
        }
        screen = screen.with(Block::Links(exports(&asked).map(Cell::Form).to_vec()));
    }
    let mut table = table(&directory, &chats, &asked);
    table.more = more.map(|after| Link::new(&address.with("after", &after), i18n::more()));
    screen = screen.with(Block::Table(table));
    screen.tabs = tabs(PATH);
    Ok(screen)
}

/// Shows the history again after the password has been entered for an export.
pub(super) fn submit(me: &Principal, address: &Address) -> Result<FormOutcome, Refusal> {
    me.may(Permission::Export)?;
    Ok(FormOutcome::Redirect(filtered_address(address)))
}

/// Returns the address of the history screen with the filter from a submitted form.
pub(crate) fn filtered_address(form: &Address) -> String {
    let asked: Vec<(&str, &str)> = FILTER_PARAMS.iter().map(|name| (*name, form.param(name))).collect();
    Address::with_params(PATH, &asked)
}

/// Returns the forms that download the chats that match the filter.
fn exports(asked: &[(&str, &str)]) -> [Form; 2] {
    let filter = asked.iter().filter(|(_, value)| !value.is_empty());
    let filter: Vec<Field> = filter.map(|(name, value)| Field::hidden(name, value)).collect();
    let choices = Separator::ALL.map(|separator| (separator.as_str().to_owned(), separator.label().to_owned()));
    let separator = Field::new("separator", i18n::separator(), FieldKind::Choice(choices.to_vec()))
        .value(Separator::of_language(i18n::current_language()).as_str());
    let fields = filter.iter().cloned().chain([separator]).collect();
    [
        Form::download("/history/export.csv", i18n::history_csv(), fields),
        Form::download("/history/export.jsonl", i18n::history_json(), filter),
    ]
}

/// Returns a table of chats. Each row links to the chat's transcript. The link includes the filter so that the
/// transcript can link back to the same results.
pub(super) fn table(directory: &Directory, chats: &[PastChat], asked: &[(&str, &str)]) -> Table {
    let row = |chat: &PastChat| {
        let name = visitor_name(chat);
        let to = Address::with_params(&format!("{PATH}/{}", chat.id), asked);
        vec![
            Cell::Time(chat.began_at),
            Cell::Link(Link::new(&to, name)),
            chat.agent.map_or(i18n::nobody().to_owned(), |agent| agent_name(directory, agent)).into(),
            Cell::Badge(tone(chat), outcome(chat).to_owned()),
            rating_cell(chat),
            Cell::TwoLines(chat.excerpt.clone(), i18n::fill(i18n::messages_in_all(), &chat.messages.to_string())),
        ]
    };
    let heads = [
        i18n::history_began(),
        i18n::history_visitor(),
        i18n::history_agent(),
        i18n::history_outcome(),
        i18n::history_rating(),
        i18n::history_what(),
    ];
    Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: chats.iter().map(row).collect(),
        empty: i18n::history_empty().to_owned(),
        more: None,
    }
}

fn form(directory: &Directory, address: &Address) -> Form {
    let any = || vec![(String::new(), i18n::history_any().to_owned())];
    let with = |options: Vec<(String, String)>| FieldKind::Choice(any().into_iter().chain(options).collect());
    let concierges = directory.concierges.iter().map(|card| (card.id.to_string(), card.name.clone())).collect();
    let teams = directory.teams.iter().map(|card| (card.id.to_string(), card.name.clone())).collect();
    let agents = directory.agents.iter().map(|card| (card.id.to_string(), card.name.clone())).collect();
    let outcomes = Outcome::ALL.map(|outcome| (outcome.as_str().to_owned(), outcome_words(outcome).to_owned()));
    let ratings = Rating::ALL.map(|rating| (rating.as_str().to_owned(), rating_words(rating).to_owned()));
    let day = |name: &str, label: &str| {
        let asked = address.param(name);
        let wrong = if asked.is_empty() || date_input::start_of(asked).is_some() { "" } else { i18n::history_no_day() };
        Field::new(name, label, FieldKind::Date).value(asked).hint(i18n::history_day_hint()).error(wrong)
    };
    let choice = |name: &str, label: &str, kind: FieldKind| Field::new(name, label, kind).value(address.param(name));
    let fields = vec![
        choice("words", i18n::history_words(), FieldKind::Line).hint(i18n::history_words_hint()),
        day("from", i18n::history_from()),
        day("to", i18n::history_to()),
        choice("concierge", i18n::history_concierge(), with(concierges)),
        choice("team", i18n::history_team(), with(teams)),
        choice("agent", i18n::history_agent(), with(agents)),
        choice("tag", i18n::history_tag(), FieldKind::Line),
        choice("outcome", i18n::history_outcome(), with(outcomes.to_vec())),
        choice("rating", i18n::history_rating(), with(ratings.to_vec())),
    ];
    Form::query(PATH, i18n::show(), fields)
}

/// Shows a chat's transcript, including notes.
pub(super) async fn transcript(
    engine: &Engine,
    me: &Principal,
    chat: &str,
    address: &Address,
) -> Result<Screen, Refusal> {
    let chat: ChatId = chat.parse().map_err(|_| Refusal::NotFound)?;
    let directory = engine.directory(me).await?;
    let past = engine.past_chat(me, chat).await?;
    let after = address.param("after").parse().unwrap_or(0);
    let entries = engine.transcript(me, chat, after, ENTRIES).await?;
    let name = visitor_name(&past);
    let asked: Vec<(&str, &str)> = FILTER_PARAMS.iter().map(|name| (*name, address.param(name))).collect();
    let mut ways = vec![
        Cell::Link(Link::new(&Address::with_params(PATH, &asked), i18n::history_back())),
        Cell::Link(Link::new(&format!("/history/visitors/{}", past.visitor), i18n::history_about())),
    ];
    if entries.len() == usize::try_from(ENTRIES).unwrap_or(usize::MAX)
        && let Some(last) = entries.last()
    {
        ways.push(Cell::Link(Link::new(&address.with("after", &last.seq.to_string()), i18n::history_next())));
    }
    let team = past.team.and_then(|team| directory.teams.iter().find(|card| card.id == team));
    let facts = [
        (i18n::history_began(), Cell::Time(past.began_at)),
        (i18n::history_outcome(), Cell::Badge(tone(&past), outcome(&past).to_owned())),
        (i18n::history_concierge(), concierge_name(&directory, &past).into()),
        (i18n::history_team(), team.map_or(i18n::every_team(), |card| &card.name).into()),
        (i18n::history_agent(), past.agent.map_or(i18n::nobody().to_owned(), |by| agent_name(&directory, by)).into()),
    ];
    let rating = past.rating.map(|_| (i18n::history_rating(), rating_cell(&past)));
    let email = past.visitor_email.clone().map(|email| (i18n::email(), email.into()));
    let facts = facts.into_iter().chain(rating).chain(email).map(|(label, cell)| (label.to_owned(), cell)).collect();
    let mut talk: Vec<TranscriptLine> = entries.iter().map(|entry| transcript_line(&directory, name, entry)).collect();
    if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
        let is_last_page = entries.len() < usize::try_from(ENTRIES).unwrap_or(usize::MAX);
        let notes = engine.past_notes(me, chat).await?.into_iter();
        let here = notes.filter(|note| (after == 0 || note.at >= first.at) && (is_last_page || note.at < last.at));
        talk.extend(here.map(|note| TranscriptLine {
            who: agent_name(&directory, note.author),
            by_visitor: false,
            internal: true,
            at: note.at,
            text: note.text,
            file: None,
        }));
        talk.sort_by_key(|said| said.at);
    }
    let mut screen = Screen::new(&i18n::fill(i18n::history_transcript(), name), "")
        .with(Block::Facts(facts))
        .with(Block::Transcript(talk))
        .with(Block::Links(ways));
    screen.tabs = tabs("");
    Ok(screen)
}

fn transcript_line(directory: &Directory, visitor: &str, entry: &Entry) -> TranscriptLine {
    let text = entry_words(directory, entry);
    let who = match (&entry.body, entry.author) {
        (Body::Event(_), _) | (_, Author::Concierge) => String::new(),
        (_, Author::Visitor) => visitor.to_owned(),
        (_, Author::Agent(agent)) => agent_name(directory, agent),
    };
    let file = if let Body::File(card) = &entry.body { Some(card.clone()) } else { None };
    TranscriptLine { who, by_visitor: entry.author == Author::Visitor, internal: false, at: entry.at, text, file }
}

/// Returns an entry's text, or a sentence that describes it if it is an event.
pub(crate) fn entry_words(directory: &Directory, entry: &Entry) -> String {
    match &entry.body {
        Body::Text(text) => text.clone(),
        Body::File(card) => format!("{} ({})", card.line(), size(card.bytes())),
        Body::Edited { text, .. } => i18n::fill(i18n::changed_to(), text),
        Body::Deleted { .. } => i18n::taken_away().to_owned(),
        Body::Event(what) => chat_event(i18n::current_language(), what, |agent| agent_name(directory, agent)),
    }
}

/// Returns an agent's full name.
pub(crate) fn agent_name(directory: &Directory, agent: AgentId) -> String {
    let found = directory.agents.iter().find(|card| card.id == agent);
    found.map_or(i18n::an_agent().to_owned(), |card| card.name.clone())
}

pub(crate) fn concierge_name<'d>(directory: &'d Directory, chat: &PastChat) -> &'d str {
    directory.concierges.iter().find(|card| card.id == chat.concierge).map_or("", |card| &card.name)
}

/// Returns the visitor's name, falling back to their email address and then to a placeholder.
pub(crate) fn visitor_name(chat: &PastChat) -> &str {
    chat.visitor_name.as_deref().or(chat.visitor_email.as_deref()).unwrap_or(i18n::concierge_visitor())
}

/// Returns the label for a chat's outcome.
pub(crate) fn outcome(chat: &PastChat) -> &'static str {
    outcome_words(match chat.end_reason {
        None => Outcome::Live,
        Some(EndReason::Agent) => Outcome::EndedByAgent,
        Some(EndReason::Visitor) => Outcome::EndedByVisitor,
        Some(EndReason::Silence) => Outcome::EndedInSilence,
        Some(EndReason::Abandoned) => Outcome::Abandoned,
    })
}

pub(crate) fn tone(chat: &PastChat) -> Tone {
    match chat.end_reason {
        None => Tone::Good,
        Some(EndReason::Abandoned) => Tone::Danger,
        _ => Tone::Plain,
    }
}

fn rating_cell(chat: &PastChat) -> Cell {
    match chat.rating {
        None => String::new().into(),
        Some(Rating::Good) => Cell::Badge(Tone::Good, rating_words(Rating::Good).to_owned()),
        Some(Rating::Bad) => Cell::Badge(Tone::Danger, rating_words(Rating::Bad).to_owned()),
    }
}

pub(crate) fn rating_words(rating: Rating) -> &'static str {
    match rating {
        Rating::Good => i18n::rated_good(),
        Rating::Bad => i18n::rated_bad(),
    }
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Live => i18n::live(),
        Outcome::Claimed => i18n::claimed(),
        Outcome::Abandoned => i18n::abandoned(),
        Outcome::EndedByAgent => i18n::ended_by_agent(),
        Outcome::EndedByVisitor => i18n::ended_by_visitor(),
        Outcome::EndedInSilence => i18n::ended_in_silence(),
    }
}

/// Parses a cursor in the form `MILLIS.CHAT`, as used in query parameters.
fn parse_cursor(text: &str) -> Option<HistoryCursor> {
    let (at, chat) = text.split_once('.')?;
    Some((at.parse::<Millis>().ok()?, chat.parse().ok()?))
}
