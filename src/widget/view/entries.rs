//! The lines of a conversation: day separators, messages with delivery check marks, and events. The greeting is part of
//! the frame's HTML.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use protocol::{
    Millis,
    chat::{Author, Body, ChatEvent, Seq},
    file::FileCard,
    i18n::fill,
    id::AgentId,
    link_detection::{TextSegment, for_each_segment},
    widget_strings::StringKey,
};

use crate::{
    browser::{Date, Node, by_id, file, on},
    state::State,
};

/// The conversation log and its lines.
pub struct Entries {
    log: Node,
    /// The button that tells a reader who has scrolled up about new messages.
    newer: Node,
    lines: Vec<Line>,
}

/// A line in the log.
struct Line {
    class: &'static str,
    text: String,
    mark: String,
    all: Node,
    small: Node,
}

const DAY: &str = "jumpin-day";
const MINE: &str = "jumpin-entry jumpin-mine";
const THEIRS: &str = "jumpin-entry jumpin-theirs";
const EVENT: &str = "jumpin-entry jumpin-happened";

impl Entries {
    /// Binds the elements in the frame's HTML. There are no lines yet.
    pub fn bind() -> Self {
        let (log, newer) = (|| by_id("jumpin-log"), || by_id("jumpin-newer"));
        on(&newer(), "click", move |_| log().scroll_to_end());
        on(&log(), "scroll", move |_| {
            if log().is_at_end() {
                newer().set_hidden(true);
            }
        });
        Self { log: log(), newer: newer(), lines: Vec::new() }
    }

    /// Updates the lines from the state. Unchanged lines stay in the DOM so that screen readers announce only the new
    /// ones.
    pub fn render(&mut self, state: &State, now: Millis) {
        // A long chat arrives in many pieces. Until the last one, it is drawn only when it has doubled.
        if state.conversation.is_behind() && state.conversation.entries.len() < 2 * self.lines.len() {
            return;
        }
        let (mut place, mut day) = (0, 0);
        let before = self.lines.len();
        let was_at_end = self.log.is_at_end();
        for entry in &state.conversation.entries {
            if entry.is_change() {
                continue;
            }
            let (class, text, (sign, mark)) = match (&entry.body, entry.author) {
                (Body::Text(text) | Body::File(FileCard(text)), Author::Visitor) => {
                    (MINE, text.clone(), tick(state, entry.seq))
                }
                (Body::Text(text) | Body::File(FileCard(text)), Author::Agent(agent)) => {
                    (THEIRS, text.clone(), ("", name(state, agent)))
                }
                (Body::Text(text) | Body::File(FileCard(text)), Author::Concierge) => {
                    (THEIRS, text.clone(), ("", state.look.title.as_str()))
                }
                (Body::Edited { text, .. }, _) => (THEIRS, text.clone(), ("", state.strings.get(StringKey::Edited))),
                (Body::Deleted { .. }, _) => (EVENT, state.strings.get(StringKey::Deleted).to_owned(), ("", "")),
                (Body::Event(event), _) => match event_text(state, *event) {
                    Some(text) => (EVENT, text, ("", "")),
                    None => continue,
                },
            };
            let at = LocalTime::of(entry.at - state.offset);
            if at.day != day {
                day = at.day;
                self.put(&mut place, DAY, at.day_in_words(state, now), "", write);
            }
            let mark = if mark.is_empty() { String::new() } else { [&at.clock(), " · ", sign, mark].concat() };
            let draw: fn(&Node, &str) = if matches!(entry.body, Body::File(_)) { file } else { write };
            self.put(&mut place, class, text, &mark, draw);
        }
        for waiting in state.outbox.waiting() {
            let (sign, mark) = if waiting.acknowledged {
                ("✓ ", state.strings.get(StringKey::Sent))
            } else {
                ("◷ ", state.strings.get(StringKey::Sending))
            };
            self.put(&mut place, MINE, waiting.text.clone(), &[sign, mark].concat(), write);
        }
        self.cut(place);
        if self.lines.len() > before {
            // Visitors who have just sent a message want to see it. Everyone else stays where they are.
            if was_at_end || self.lines.last().is_some_and(|line| line.class == MINE) {
                self.to_end();
            } else {
                self.newer.set_hidden(false);
            }
        }
    }

    /// Ensures that the line at `place` has the given content. If its content differs, that line and all lines after it
    /// are replaced. Otherwise, only the mark is updated.
    fn put(&mut self, place: &mut usize, class: &'static str, text: String, mark: &str, draw: fn(&Node, &str)) {
        let stands = self.lines.get(*place).is_some_and(|line| line.class == class && line.text == text);
        if !stands {
            self.cut(*place);
            let all = self.log.add_child("div", class);
            let paragraph = all.add_child("p", "");
            paragraph.set("dir", "auto");
            draw(&paragraph, &text);
            let small = all.add_child("small", "");
            self.lines.push(Line { class, text, mark: String::new(), all, small });
        }
        let line = &mut self.lines[*place];
        if line.mark != mark {
            line.small.set_text(mark);
            line.mark = mark.to_owned();
        }
        *place += 1;
    }

    fn cut(&mut self, place: usize) {
        for line in self.lines.drain(place..) {
            line.all.remove();
        }
    }

    /// Scrolls to the newest line.
    pub fn to_end(&self) {
        self.log.scroll_to_end();
    }
}

/// Writes text with clickable links. The text is never interpreted as markup.
fn write(line: &Node, text: &str) {
    for_each_segment(text, &mut |piece| match piece {
        TextSegment::Text(text) | TextSegment::Foreign(text) => line.append_text(text),
        TextSegment::Link(address) => {
            let link = line.add_child("a", "");
            link.set("href", address);
            link.set("target", "_blank");
            link.set("rel", "noopener noreferrer nofollow");
            link.append_text(address);
        }
    });
}

/// Returns the symbol and label for a visitor's message. One check mark means that the message is stored; two mean that
/// it was delivered to the agent's client or read.
fn tick(state: &State, seq: Seq) -> (&'static str, &str) {
    let receipt = state.conversation.chat.as_ref().map(|chat| chat.agent_receipt).unwrap_or_default();
    if seq <= receipt.read {
        ("✓✓ ", state.strings.get(StringKey::Read))
    } else if seq <= receipt.delivered {
        ("✓✓ ", state.strings.get(StringKey::Delivered))
    } else {
        ("✓ ", state.strings.get(StringKey::Sent))
    }
}

fn name(state: &State, agent: AgentId) -> &str {
    state.conversation.name(agent).unwrap_or(&state.look.title)
}

fn event_text(state: &State, event: ChatEvent) -> Option<String> {
    let (words, agent) = match event {
        ChatEvent::Accepted { .. } => (state.strings.get(StringKey::YouAccepted), None),
        ChatEvent::Requested => (state.strings.get(StringKey::YouAsked), None),
        ChatEvent::Joined(agent) => (state.strings.get(StringKey::Joined), Some(agent)),
        ChatEvent::TakenOver { by, .. } => (state.strings.get(StringKey::TookOver), Some(by)),
        ChatEvent::AgentLost(agent) => (state.strings.get(StringKey::AgentLost), Some(agent)),
        ChatEvent::AgentBack(agent) => (state.strings.get(StringKey::AgentBack), Some(agent)),
        ChatEvent::Returned => (state.strings.get(StringKey::NextInLine), None),
        ChatEvent::Ended(_) => (state.strings.get(StringKey::ChatEnded), None),
        ChatEvent::ContactLeft => (state.strings.get(StringKey::ContactLeft), None),
        ChatEvent::HandedOver { to, .. } => (state.strings.get(StringKey::WillBeWithYou), Some(to)),
        ChatEvent::HandedToTeam { .. } => (state.strings.get(StringKey::AColleagueWill), None),
        // Visitors do not need to see events about their own actions.
        ChatEvent::VisitorLeft | ChatEvent::VisitorBack | ChatEvent::Reopened => return None,
    };
    Some(fill(words, agent.map_or("", |agent| name(state, agent))))
}

/// A point in time in the visitor's time zone.
pub(super) struct LocalTime {
    at: Millis,
    day: Millis,
    minute: Millis,
}

impl LocalTime {
    pub(super) fn of(at: Millis) -> Self {
        let minutes = at.div_euclid(60_000) - Millis::from(Date::new(at as f64).minutes_behind_utc());
        Self { at, day: minutes.div_euclid(1_440), minute: minutes.rem_euclid(1_440) }
    }

    pub(super) fn clock(&self) -> String {
        let digit = |number: Millis| char::from(b'0' + number as u8);
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        [digit(hour / 10), digit(hour % 10), ':', digit(minute / 10), digit(minute % 10)].into_iter().collect()
    }

    fn day_in_words(&self, state: &State, now: Millis) -> String {
        match Self::of(now).day - self.day {
            0 => state.strings.get(StringKey::Today).into(),
            1 => state.strings.get(StringKey::Yesterday).into(),
            _ => Date::new(self.at as f64).in_words(state.look.language.tag()),
        }
    }
}
