//! Helper traits that send frames as a visitor or agent and wait for frames to arrive.

use super::*;

/// A connection on which a test waits for frames.
pub(super) trait Socket {
    type Frame: serde::de::DeserializeOwned;

    fn outgoing(&mut self) -> impl Future<Output = Outgoing>;

    /// Waits for the first frame that `wanted` accepts and returns its result.
    async fn wait_for<T>(&mut self, wanted: impl Fn(Self::Frame) -> Option<T>) -> T {
        let found = tokio::time::timeout(LIMIT, async {
            loop {
                match self.outgoing().await {
                    Outgoing::Frame(frame) => {
                        if let Some(found) = wanted(codec::decode(&frame).expect("valid frame")) {
                            return found;
                        }
                    }
                    Outgoing::Close(close_reason) => panic!("closed: {close_reason:?}"),
                }
            }
        });
        found.await.expect("frame received in time")
    }

    /// Waits until the socket is closed and returns the reason.
    async fn end(&mut self) -> CloseReason {
        let end = tokio::time::timeout(LIMIT, async {
            loop {
                if let Outgoing::Close(close_reason) = self.outgoing().await {
                    return close_reason;
                }
            }
        });
        end.await.expect("socket closed in time")
    }
}

impl Socket for VisitorConnection {
    type Frame = ToVisitor;

    fn outgoing(&mut self) -> impl Future<Output = Outgoing> {
        self.next()
    }
}

impl Socket for AgentConnection {
    type Frame = ToAgent;

    fn outgoing(&mut self) -> impl Future<Output = Outgoing> {
        self.next()
    }
}

/// Actions performed by visitors.
pub(super) trait VisitorSteps: Socket<Frame = ToVisitor> {
    async fn send_message(&mut self, text: &str) -> ClientId;
    async fn answer_invitation(&mut self, invitation: InvitationId, answer: Answer);
    /// Returns all pending frames. To make sure none are missing, waits for the reply to a heartbeat.
    async fn receive_pending(&mut self) -> Vec<ToVisitor>;
}

impl VisitorSteps for VisitorConnection {
    async fn send_message(&mut self, text: &str) -> ClientId {
        let client_id = ClientId(Uuid::now_v7());
        self.handle_frame(FromVisitor::SendMessage { client_id, text: text.into() }).await.expect("frame accepted");
        client_id
    }

    async fn answer_invitation(&mut self, invitation: InvitationId, answer: Answer) {
        self.handle_frame(FromVisitor::Answer { invitation, answer }).await.expect("frame accepted");
    }

    async fn receive_pending(&mut self) -> Vec<ToVisitor> {
        self.handle_frame(FromVisitor::Heartbeat).await.expect("frame accepted");
        let frames = std::cell::RefCell::new(Vec::new());
        self.wait_for(|frame| {
            let is_last = matches!(frame, ToVisitor::Heartbeat { .. });
            frames.borrow_mut().push(frame);
            is_last.then_some(())
        })
        .await;
        frames.into_inner()
    }
}

/// Actions performed by agents.
pub(super) trait AgentSteps: Socket<Frame = ToAgent> {
    async fn wait_for_notice<T>(&mut self, wanted: impl Fn(Notice) -> Option<T>) -> T;
    /// Returns all pending frames. To make sure none are missing, waits for the reply to a heartbeat.
    async fn receive_pending(&mut self) -> Vec<ToAgent>;
}

impl AgentSteps for AgentConnection {
    async fn wait_for_notice<T>(&mut self, wanted: impl Fn(Notice) -> Option<T>) -> T {
        self.wait_for(|frame| if let ToAgent::Notice(notice) = frame { wanted(notice) } else { None }).await
    }

    async fn receive_pending(&mut self) -> Vec<ToAgent> {
        self.handle_frame(FromAgent::Heartbeat).await.expect("frame accepted");
        let frames = std::cell::RefCell::new(Vec::new());
        self.wait_for(|frame| {
            let is_last = matches!(frame, ToAgent::Heartbeat { .. });
            frames.borrow_mut().push(frame);
            is_last.then_some(())
        })
        .await;
        frames.into_inner()
    }
}

/// Returns the chat from a [`Notice::Waiting`] and whether the notice is a reminder.
#[expect(clippy::needless_pass_by_value, reason = "passed as a closure")]
pub(super) fn waiting(notice: Notice) -> Option<(ChatId, bool)> {
    if let Notice::Waiting { chat, again, .. } = notice { Some((chat, again)) } else { None }
}

#[expect(clippy::needless_pass_by_value, reason = "passed as a closure")]
pub(super) fn accepted(notice: Notice) -> Option<ChatId> {
    if let Notice::Accepted { chat, .. } = notice { Some(chat) } else { None }
}

pub(super) fn texts(entries: &[Entry]) -> Vec<&str> {
    let text = |entry| match entry {
        &Entry { body: Body::Text(ref text), .. } => Some(text.as_str()),
        _ => None,
    };
    entries.iter().filter_map(text).collect()
}
