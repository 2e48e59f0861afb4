//! Covers scenario 20 for chats: after any sequence of events and disconnections, the tab and the window have the same
//! entries as the database.

use proptest::prelude::*;
use protocol::{chat::Seq, visitor::ToVisitor};

use super::*;

/// A random step in the test.
#[derive(Clone, Copy, Debug)]
enum Step {
    VisitorSays,
    AgentSays,
    AsksForPerson,
    Claims,
    Ends,
    TabGoes,
    TabComes,
    TabReads,
    WindowGoes,
    WindowComes,
    WindowReads,
}

const STEPS: [Step; 11] = [
    Step::VisitorSays,
    Step::AgentSays,
    Step::AsksForPerson,
    Step::Claims,
    Step::Ends,
    Step::TabGoes,
    Step::TabComes,
    Step::TabReads,
    Step::WindowGoes,
    Step::WindowComes,
    Step::WindowReads,
];

/// A client's copy of a chat. Following the protocol, it appends the entries that come next, skips duplicates, and
/// resumes after a gap.
#[derive(Default)]
struct Copy {
    chat: Option<ChatId>,
    entries: Vec<Entry>,
}

impl Copy {
    fn head(&self) -> Seq {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    fn is_of(&mut self, chat: Option<ChatId>) {
        if self.chat != chat {
            *self = Self { chat, entries: Vec::new() };
        }
    }

    /// Applies the entries. Returns `false` if there is a gap.
    fn take(&mut self, entries: Vec<Entry>) -> bool {
        for entry in entries {
            if entry.seq > self.head() + 1 {
                return false;
            }
            if entry.seq == self.head() + 1 {
                self.entries.push(entry);
            }
        }
        true
    }
}

struct History {
    test: TestEngine,
    visit: VisitId,
    token: VisitorToken,
    tab: Option<VisitorConnection>,
    in_tab: Copy,
    window: Option<AgentConnection>,
    in_window: Copy,
}

impl History {
    async fn begin() -> Self {
        let test = TestEngine::open(Timers::default()).await;
        let (tab, welcome) = test.tab(None).await;
        let visit = tab.visit();
        let (in_tab, in_window) = (Copy::default(), Copy::default());
        Self { test, visit, token: welcome.token, tab: Some(tab), in_tab, window: None, in_window }
    }

    async fn chat(&self) -> Option<ChatId> {
        self.test.row(self.visit).await.and_then(|row| row.chat).map(|chat| chat.id)
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::VisitorSays => {
                if let Some(tab) = &mut self.tab {
                    tab.send_message("a word").await;
                }
            }
            Step::AsksForPerson => {
                if let Some(tab) = &mut self.tab {
                    tab.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
                }
            }
            Step::AgentSays => {
                if let (Some(chat), Some(window)) = (self.chat().await, &mut self.window) {
                    let client_id = ClientId(Uuid::now_v7());
                    window
                        .handle_frame(FromAgent::SendMessage { chat, client_id, text: "an answer".into() })
                        .await
                        .expect("frame accepted");
                }
            }
            Step::Claims => {
                if let Some(chat) = self.chat().await {
                    self.test.engine.claim(&self.test.ann, chat).await.ok();
                }
            }
            Step::Ends => {
                if let Some(chat) = self.chat().await {
                    self.test.engine.end(&self.test.ann, chat).await.ok();
                }
            }
            // Frames that are still queued for the tab are lost.
            Step::TabGoes => self.tab = None,
            Step::TabComes => self.tab_comes().await,
            Step::TabReads => self.tab_reads().await,
            Step::WindowGoes => self.window = None,
            Step::WindowComes => self.window_comes().await,
            Step::WindowReads => self.window_reads().await,
        }
    }

    async fn tab_comes(&mut self) {
        let head = self.in_tab.head();
        let hello = Hello { head, ..self.test.hello_from(Some(self.token.clone())) };
        self.tab = Some(self.test.connect(hello).await.expect("connected"));
    }

    async fn tab_reads(&mut self) {
        let Some(tab) = &mut self.tab else { return };
        loop {
            let mut is_whole = true;
            for frame in tab.receive_pending().await {
                match frame {
                    ToVisitor::Chat(chat) => self.in_tab.is_of(chat.map(|chat| chat.id)),
                    ToVisitor::Entries(entries) => is_whole &= self.in_tab.take(entries),
                    ToVisitor::Heartbeat { head, .. } => is_whole &= head <= self.in_tab.head(),
                    _ => {}
                }
            }
            if is_whole {
                return;
            }
            tab.handle_frame(FromVisitor::Resume(self.in_tab.head())).await.expect("frame accepted");
        }
    }

    async fn window_comes(&mut self) {
        let mut window = self.test.dashboard(&self.test.ann).await;
        if let Some(chat) = self.chat().await {
            self.in_window.is_of(Some(chat));
            window.handle_frame(FromAgent::Open { chat, head: self.in_window.head() }).await.expect("frame accepted");
        }
        self.window = Some(window);
    }

    async fn window_reads(&mut self) {
        let Some(window) = &mut self.window else { return };
        let mut is_whole = true;
        for frame in window.receive_pending().await {
            match frame {
                ToAgent::Entries { chat, entries } if Some(chat) == self.in_window.chat => {
                    is_whole &= self.in_window.take(entries);
                }
                ToAgent::Heartbeat { heads, .. } => {
                    let head =
                        heads.into_iter().find_map(|(chat, head)| (Some(chat) == self.in_window.chat).then_some(head));
                    assert!(head.is_none_or(|head| head == self.in_window.head()), "no missing entries");
                }
                _ => {}
            }
        }
        assert!(is_whole, "an open window has no gap");
    }

    async fn end(mut self) {
        for step in
            [Step::TabGoes, Step::TabComes, Step::TabReads, Step::WindowGoes, Step::WindowComes, Step::WindowReads]
        {
            self.take(step).await;
        }
        let Some(chat) = self.chat().await else { return };
        let entries = self.test.engine.entries(&self.test.ann, chat, 0).await.expect("entries read");
        assert_eq!(self.in_tab.chat, Some(chat));
        assert_eq!(self.in_tab.entries, entries);
        assert_eq!(self.in_window.entries, entries);
        let seqs: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
        assert!(seqs.iter().copied().eq(1..=u32::try_from(entries.len()).expect("fits in u32")), "{seqs:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn both_sides_converge_to_the_database(steps in prop::collection::vec(prop::sample::select(STEPS.to_vec()), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime started");
        runtime.block_on(async {
            let mut history = History::begin().await;
            for step in steps {
                history.take(step).await;
            }
            history.end().await;
        });
    }
}
