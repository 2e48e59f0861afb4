//! The lines of the conversation: greeting, days, messages with their ticks, what happened.

use js_sys::Date;
use protocol::{
    Millis,
    chat::{Author, Body, Entry, Happening, Seq},
    id::AgentId,
    words::{self, Language},
};
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::{
    state::State,
    view::{element, set_text},
};

/// A line as it shall stand.
#[derive(Clone, PartialEq, Eq)]
struct Line {
    class: &'static str,
    text: String,
    mark: String,
}

/// The lines that stand, in a log.
pub struct Entries {
    log: HtmlElement,
    shown: Vec<(Line, HtmlElement)>,
}

impl Entries {
    /// The lines of this log.
    pub fn new(log: HtmlElement) -> Self {
        Self { log, shown: Vec::new() }
    }

    /// Brings the lines to what the widget knows; only what is new is added, so that only that is read out.
    pub fn render(&mut self, state: &State, now: Millis) {
        let lines = lines(state, now);
        let same =
            |(line, (shown, _)): &(&Line, &(Line, HtmlElement))| line.class == shown.class && line.text == shown.text;
        let keep = lines.iter().zip(&self.shown).take_while(same).count();
        for (_, element) in self.shown.drain(keep..) {
            element.remove();
        }
        for (line, (shown, entry)) in lines.iter().zip(&mut self.shown) {
            if line.mark != shown.mark {
                shown.mark.clone_from(&line.mark);
                if let Some(mark) = entry.last_element_child() {
                    mark.set_text_content(Some(&line.mark));
                }
            }
        }
        if keep == lines.len() {
            return;
        }
        for line in lines.into_iter().skip(keep) {
            let entry = element(&self.log, "div", line.class);
            if line.class == DAY {
                set_text(&entry, &line.text);
            } else {
                element(&entry, "p", "").set_text_content(Some(&line.text));
                element(&entry, "small", "").set_text_content(Some(&line.mark));
            }
            self.shown.push((line, entry));
        }
        self.to_end();
    }

    /// The newest line is in sight.
    pub fn to_end(&self) {
        self.log.set_scroll_top(self.log.scroll_height());
    }
}

const DAY: &str = "jumpin-day";
const MINE: &str = "jumpin-entry jumpin-mine";
const THEIRS: &str = "jumpin-entry jumpin-theirs";
const HAPPENED: &str = "jumpin-entry jumpin-happened";

fn lines(state: &State, now: Millis) -> Vec<Line> {
    let language = state.look.language;
    let mut lines = Vec::new();
    if !state.look.greeting.is_empty() {
        lines.push(Line { class: THEIRS, text: state.look.greeting.clone(), mark: state.look.title.clone() });
    }
    let mut day = 0;
    for entry in &state.conversation.entries {
        let Some(line) = line(state, entry, language) else { continue };
        dayline(&mut lines, &mut day, entry.at, now, state);
        lines.push(line);
    }
    for waiting in state.outbox.waiting() {
        let sign =
            if waiting.acknowledged { ["✓ ", words::sent(language)] } else { ["◷ ", words::sending(language)] };
        lines.push(Line { class: MINE, text: waiting.text.clone(), mark: sign.concat() });
    }
    lines
}

fn line(state: &State, entry: &Entry, language: Language) -> Option<Line> {
    let time = clock(entry.at - state.offset);
    Some(match (&entry.body, entry.author) {
        (Body::Text(text), Author::Visitor) => {
            let (tick, word) = tick(state, entry.seq, language);
            Line { class: MINE, text: text.clone(), mark: [time.as_str(), " ", tick, " ", word].concat() }
        }
        (Body::Text(text), author) => {
            let name = if let Author::Agent(id) = author { name(state, id) } else { &state.look.title };
            Line { class: THEIRS, text: text.clone(), mark: [name, " ", &time].concat() }
        }
        (Body::Happened(happening), _) => {
            Line { class: HAPPENED, text: happened(state, *happening, language)?, mark: String::new() }
        }
    })
}

/// One tick: stored. Two: the agent's client has it. Read: it was before his eyes.
fn tick(state: &State, seq: Seq, language: Language) -> (&'static str, &'static str) {
    let receipt = state.conversation.chat.as_ref().map(|chat| chat.agent_receipt).unwrap_or_default();
    if seq <= receipt.read {
        ("✓✓", words::read(language))
    } else if seq <= receipt.delivered {
        ("✓✓", words::delivered(language))
    } else {
        ("✓", words::sent(language))
    }
}

fn happened(state: &State, happening: Happening, language: Language) -> Option<String> {
    let with = |words: &str, agent: AgentId| Some(words::fill(words, name(state, agent)));
    match happening {
        Happening::Accepted { .. } => Some(words::you_accepted(language).into()),
        Happening::Requested => Some(words::you_asked(language).into()),
        Happening::Joined(agent) => with(words::joined(language), agent),
        Happening::TakenOver { by, .. } => with(words::took_over(language), by),
        Happening::AgentLost(agent) => with(words::agent_lost(language), agent),
        Happening::AgentBack(agent) => with(words::agent_back(language), agent),
        Happening::Returned => Some(words::next_in_line(language).into()),
        Happening::Ended(_) => Some(words::chat_ended(language).into()),
        // The visitor knows where he was and what he wrote.
        Happening::VisitorLeft | Happening::VisitorBack | Happening::Reopened => None,
    }
}

fn name(state: &State, agent: AgentId) -> &str {
    state.conversation.name(agent).unwrap_or(&state.look.title)
}

fn dayline(lines: &mut Vec<Line>, day: &mut i64, at: Millis, now: Millis, state: &State) {
    let that = local_day(at - state.offset);
    if that == *day {
        return;
    }
    *day = that;
    let language = state.look.language;
    let text = match local_day(now) - that {
        0 => words::today(language).into(),
        1 => words::yesterday(language).into(),
        _ => String::from(date(at - state.offset).to_locale_date_string(language.tag(), &JsValue::UNDEFINED)),
    };
    lines.push(Line { class: DAY, text, mark: String::new() });
}

fn date(at: Millis) -> Date {
    Date::new(&JsValue::from_f64(at as f64))
}

/// The number of the day on the visitor's calendar.
fn local_day(at: Millis) -> i64 {
    (at - date(at).get_timezone_offset() as i64 * 60_000).div_euclid(86_400_000)
}

fn clock(at: Millis) -> String {
    let date = date(at);
    let two = |n: u32| [char::from(b'0' + (n / 10) as u8), char::from(b'0' + (n % 10) as u8)];
    two(date.get_hours()).into_iter().chain([':']).chain(two(date.get_minutes())).collect()
}
