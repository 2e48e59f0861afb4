//! Tests for the store: when changes compete, exactly one wins, and acknowledged writes are durable.

#![allow(clippy::unwrap_used)]

mod audit;
mod backup;
mod blocks;
mod chats;
mod concierges;
mod database_copy;
mod database_file;
mod disk_full;
mod group_commit;
mod history;
mod invitations;
mod message_edits;
mod messages;
mod migrations;
mod people;
mod postgres_server;
mod preferences;
mod read_limits;
mod retention;
mod unread;
mod visitor_export;

use protocol::{
    Millis,
    agent::Role,
    chat::{Author, Body, Entry},
    concierge::{Look, Privacy, Side},
    id::{AgentId, ChatId, ClientId, ConciergeId, ConciergeKey, InvitationId, OrganizationId, VisitId, VisitorId},
    invitation::{Answer, InvitationState},
    language::Language,
    refusal::Refusal,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    test_database::{TestDatabase, skip_on_postgres},
    traffic_source::Source,
    user_agent::Device,
};

const NOW: Millis = 1_800_000_000_000;
const MINUTE: Millis = 60_000;

struct Shop {
    folder: TempDir,
    store: Store,
    database: TestDatabase,
    organization: OrganizationId,
    concierge: ConciergeId,
    ann: AgentId,
    bob: AgentId,
}

struct Guest {
    visitor: VisitorId,
    visit: VisitId,
    token_hash: [u8; 32],
}

impl Guest {
    fn new() -> Self {
        let visitor = VisitorId(Uuid::now_v7());
        let mut token_hash = [7; 32];
        token_hash[..16].copy_from_slice(visitor.0.as_bytes());
        Self { visitor, visit: VisitId(Uuid::now_v7()), token_hash }
    }
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create(folder.path()).await;
        Self::open_at(folder, database).await
    }

    /// Opens a shop in a SQLite file, no matter which database the other tests use.
    async fn open_in_a_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::sqlite(folder.path());
        Self::open_at(folder, database).await
    }

    async fn open_at(folder: TempDir, database: TestDatabase) -> Self {
        let store = Store::open(database.address()).await.unwrap();
        let organization = store.add_organization("Shop").await.unwrap();
        let concierge = store
            .add_concierge(NewConcierge {
                organization,
                key: ConciergeKey("demo".into()),
                settings: ConciergeSettings {
                    sites: vec!["https://shop.test".into(), "http://127.0.0.1:4000".into()],
                    look: Look {
                        title: "Shop".into(),
                        greeting: "Hello".into(),
                        color: "#123456".into(),
                        side: Side::Left,
                        language: Language::De,
                    },
                    privacy: Privacy::Full,
                    ..ConciergeSettings::named("Demo", Language::De)
                },
            })
            .await
            .unwrap();
        let [ann, bob] = ["Ann Lee", "Bob Ray"].map(|name| NewAgent {
            organization,
            name: name.into(),
            email: format!(" {}@Shop.test", &name[..3]).parse().unwrap(),
            role: Role::Agent,
            password_hash: "hash".into(),
            max_chats: 2,
            language: Language::En,
        });
        let (ann, bob) = (store.add_agent(ann).await.unwrap(), store.add_agent(bob).await.unwrap());
        Self { database, folder, store, organization, concierge, ann, bob }
    }

    fn remember(&self, guest: &Guest) -> PersistVisitor {
        PersistVisitor {
            token_hash: guest.token_hash,
            concierge: self.concierge,
            browser: "Firefox 143 · Linux".into(),
            source: Source::read(
                "Europe/Berlin https://search.test/",
                "https://shop.test/?utm_source=news",
                "de-AT",
                Device::Desktop,
            ),
            started_at: NOW,
        }
    }

    fn invitation(&self, guest: &Guest, by: AgentId) -> NewInvitation {
        NewInvitation {
            id: InvitationId(Uuid::now_v7()),
            organization: self.organization,
            visit: guest.visit,
            visitor: guest.visitor,
            by,
            text: "How can I help?".into(),
            now: NOW,
            expires_at: NOW + 10 * MINUTE,
            remember: self.remember(guest),
        }
    }

    /// Returns whether any file in the data directory or any row in the database contains the word.
    async fn contains(&self, word: &str) -> bool {
        stands_in(self.folder.path(), word) || self.database.contains_text(word).await
    }

    async fn chat(&self, guest: &Guest) -> ChatId {
        let new = NewChat {
            id: ChatId(Uuid::now_v7()),
            organization: self.organization,
            visit: guest.visit,
            visitor: guest.visitor,
            team: None,
            now: NOW,
            remember: self.remember(guest),
        };
        self.store.request_chat(new).await.unwrap().0.id
    }

    async fn claim(&self, chat: ChatId, me: AgentId) -> Result<(ChatRecord, Vec<Entry>)> {
        self.claim_at(chat, me, NOW).await
    }

    async fn claim_at(&self, chat: ChatId, me: AgentId, now: Millis) -> Result<(ChatRecord, Vec<Entry>)> {
        self.store.claim(chat, self.organization, me, now - 10 * MINUTE, now).await
    }

    async fn answer(&self, guest: &Guest, invitation: InvitationId, answer: Answer) -> Result<AnswerOutcome> {
        let then = AnswerTerms {
            quiet_until: NOW + 30 * MINUTE,
            quiet_until_after_two: NOW + 24 * 60 * MINUTE,
            reserved_until: NOW + 20_000,
        };
        self.store.answer(invitation, guest.visitor, answer, NOW, then).await
    }

    async fn close(&self, invitation: InvitationId, to: InvitationState) -> Result<InvitationRecord> {
        self.store.close_invitation(invitation, to, None, NOW, None).await
    }

    async fn send_message(
        &self,
        chat: ChatId,
        author: Author,
        client_id: ClientId,
        text: &str,
    ) -> Result<StoredMessage> {
        let new = NewMessage {
            organization: self.organization,
            chat,
            author,
            client_id,
            body: Body::Text(text.into()),
            now: NOW,
        };
        self.store.send_message(new).await
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    result.expect_err("the operation was refused").refusal()
}

/// Returns whether any file in the directory contains the word, including the database and its WAL. Ignores ASCII case.
fn stands_in(folder: &std::path::Path, word: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return stands_in(&path, word);
        }
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        bytes.windows(word.len()).any(|part| part == word.as_bytes())
    })
}

fn client_id() -> ClientId {
    ClientId(Uuid::now_v7())
}
