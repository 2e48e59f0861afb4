//! Handles files in chats. A file is stored before anyone is notified of it, and only people who can open the chat can
//! open the file.

use std::{collections::HashSet, future::Future, net::IpAddr, sync::Arc};

use protocol::{
    chat::{Author, Body, ChatState, Entry},
    file::{FileCard, clean_name},
    id::{ChatId, ClientId, FileId, VisitorToken},
    refusal::Refusal,
};
use tokio::time::Instant;

use super::{
    Engine,
    arrivals::hash,
    messages::{VisitorContext, goes_on},
    refusal,
    visitor_tokens::{TokenDecision, decide},
};
use crate::{
    clock,
    files::{Folder, Kind, PartialFile},
    hub::VisitKey,
    limits::{
        Network,
        uploads::{UploadLimit, UploadPermit, Uploader},
    },
    permission::Permission,
    sessions::Principal,
    settings::Settings,
    store::{NewMessage, StoreError, StoredMessage, VisitorRecord},
};

/// The directory for stored files, and the uploads in progress.
pub(super) struct Files {
    pub(super) folder: Folder,
    uploads: Arc<UploadLimit>,
}

/// A file that was sent, and its entry in the chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    /// The ID of the chat.
    pub chat: ChatId,
    /// The chat entry that contains the file.
    pub entry: Entry,
}

/// The response to a request to upload a file.
pub enum UploadStart {
    /// The file has already been sent with the same client ID.
    AlreadySent(SentFile),
    /// The upload can proceed.
    Accepted(Box<FileUpload>),
}

/// An upload in progress. Dropping it before [`FileUpload::end`] is called removes everything received so far.
pub struct FileUpload {
    engine: Engine,
    part: PartialFile,
    from: Sender,
    client_id: ClientId,
    name: String,
    permit: UploadPermit,
}

enum Sender {
    Visitor(VisitorContext),
    Agent(Principal, ChatId),
}

/// A stored file that has been opened for download.
pub struct StoredFile {
    /// The file's name, size, and kind, as shown in the chat.
    pub card: FileCard,
    /// The kind of file, as detected from its content.
    pub kind: Kind,
    /// The open file.
    pub content: tokio::fs::File,
    /// The file's size, in bytes.
    pub bytes: u64,
}

impl Files {
    pub(super) fn new(settings: &Settings) -> Self {
        let uploads = UploadLimit::new(settings.uploads, settings.file_rules.max_file_bytes);
        Self { folder: Folder::new(settings.files.clone()), uploads }
    }
}

impl Engine {
    /// Starts a visitor's upload. If the visitor has no live chat, the completed file requests one, just like a
    /// message.
    ///
    /// # Errors
    /// Returns [`Refusal::NotSignedIn`] if the token is unknown, [`Refusal::TooMany`], [`Refusal::Busy`] or
    /// [`Refusal::FilesFull`] if an upload limit has been reached, [`Refusal::StorageFull`] if there is too little free
    /// disk space, [`Refusal::ClientIdReused`] if the client ID was already used for something else, and
    /// [`Refusal::NotFound`] if the visitor is not on the site.
    pub async fn begin_visitor_upload(
        &self,
        token: &VisitorToken,
        client_id: ClientId,
        name: &str,
        from: IpAddr,
    ) -> Result<UploadStart, Refusal> {
        let record = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?;
        let context = self.context(&record, from).await?;
        if let Some(chat) = self.store().chat_of_message(context.visitor, client_id).await.map_err(refusal)? {
            return self.find_sent_file(chat, client_id, Author::Visitor, name).await.map(UploadStart::AlreadySent);
        }
        let now = clock::now();
        let found = self.store().live_chat_of(context.visitor, now).await.map_err(refusal)?;
        if !found.as_ref().is_some_and(goes_on) {
            self.inner.chat_rate_limit.check(context.visitor, context.network, now)?;
        }
        if let Some(chat) = found {
            let limits = self.settings().file_rules;
            self.store().check_upload_quota(chat.id, context.visitor, limits, now).await.map_err(refusal)?;
        }
        self.inner.visitor_limits.messages.check(context.visitor, now)?;
        self.check_file(context, 0)?;
        let uploader = Uploader::visitor(context.visitor.0, context.organization, from);
        self.incoming(Sender::Visitor(context), uploader, client_id, name).await
    }

    /// Starts an agent's upload to one of that agent's own chats.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not chat, [`Refusal::NotFound`] if the chat does not exist,
    /// [`Refusal::ChatChanged`] if the agent is not in the chat, [`Refusal::ChatEnded`] if the chat is over,
    /// [`Refusal::TooMany`] or [`Refusal::Busy`] if too many uploads are in progress, and [`Refusal::ClientIdReused`]
    /// if the client ID was already used for something else.
    pub async fn begin_agent_upload(
        &self,
        me: &Principal,
        chat: ChatId,
        client_id: ClientId,
        name: &str,
    ) -> Result<UploadStart, Refusal> {
        me.may(Permission::Chat)?;
        let record = self.chat_of(me, chat).await?;
        if let Some(chat) = self.store().chat_of_message(record.visitor, client_id).await.map_err(refusal)? {
            return self
                .find_sent_file(chat, client_id, Author::Agent(me.agent), name)
                .await
                .map(UploadStart::AlreadySent);
        }
        if record.state == ChatState::Ended {
            return Err(Refusal::ChatEnded);
        }
        if record.agent != Some(me.agent) {
            return Err(Refusal::ChatChanged { agent: record.agent });
        }
        let uploader = Uploader::agent(me.agent.0, me.organization);
        self.incoming(Sender::Agent(me.clone(), chat), uploader, client_id, name).await
    }

    /// Returns the file that was already sent with this client ID, or [`Refusal::ClientIdReused`] if the ID was used
    /// for something else.
    async fn find_sent_file(
        &self,
        chat: ChatId,
        client_id: ClientId,
        author: Author,
        name: &str,
    ) -> Result<SentFile, Refusal> {
        let entry =
            self.store().entry_by_client_id(chat, client_id).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        // An extension that matches the content may have been appended to the stored name.
        let is_same = matches!(&entry.body, Body::File(card) if card.name().starts_with(&clean_name(name)));
        if is_same && entry.author == author { Ok(SentFile { chat, entry }) } else { Err(Refusal::ClientIdReused) }
    }

    async fn incoming(
        &self,
        from: Sender,
        uploader: Uploader,
        client_id: ClientId,
        name: &str,
    ) -> Result<UploadStart, Refusal> {
        let permit = self.inner.files.uploads.admit(uploader, Instant::now())?;
        let part = self.inner.files.folder.begin().await?;
        let (engine, name) = (self.clone(), clean_name(name));
        Ok(UploadStart::Accepted(Box::new(FileUpload { engine, part, from, client_id, name, permit })))
    }

    /// Opens a file from one of the visitor's own chats.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the file belongs to another visitor, if it was deleted, or if the token is
    /// unknown. These cases are deliberately indistinguishable.
    pub async fn file_for_visitor(&self, token: &VisitorToken, file: FileId) -> Result<StoredFile, Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotFound)?.id;
        let card = self.store().file_of_visitor(visitor, file).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        self.open_stored_file(file, card).await
    }

    /// Opens a file from a live or past chat that the agent may read.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent may not open the file or if it was deleted; these cases are
    /// deliberately indistinguishable. Returns [`Refusal::Forbidden`] if the agent may not read the history.
    pub async fn file(&self, me: &Principal, file: FileId) -> Result<StoredFile, Refusal> {
        let found = self.store().file(me.organization, file).await.map_err(refusal)?;
        let (chat, card) = found.ok_or(Refusal::NotFound)?;
        let chat = self.chat_in_scope(me, chat).await?;
        let opened = self.open_stored_file(file, card).await?;
        self.log_file_read(me, file, &chat).await;
        Ok(opened)
    }

    async fn open_stored_file(&self, file: FileId, card: FileCard) -> Result<StoredFile, Refusal> {
        let kind = Kind::from_word(card.kind()).ok_or(Refusal::NotFound)?;
        let (content, bytes) = self.inner.files.folder.open(file).await?.ok_or(Refusal::NotFound)?;
        Ok(StoredFile { card, kind, content, bytes })
    }

    pub(super) async fn visitor_of(&self, token: &VisitorToken) -> Result<Option<VisitorRecord>, Refusal> {
        let now = clock::now();
        let found = self.store().visitor_by_token(hash(token)).await.map_err(refusal)?;
        Ok(found.filter(|record| decide(record, &self.settings().visitors, now) != TokenDecision::Ended))
    }

    /// Returns the context for operations of a visitor who is on the site.
    async fn context(&self, record: &VisitorRecord, from: IpAddr) -> Result<VisitorContext, Refusal> {
        let (organization, visitor) = (record.organization, record.id);
        let facts = self.hub(organization).visit_info(VisitKey::Visitor(visitor)).await.ok_or(Refusal::NotFound)?;
        let concierge = self.store().concierge(organization, facts.concierge).await.map_err(refusal)?;
        let team = concierge.ok_or(Refusal::NotFound)?.settings.team;
        let network = Some(Network::from(from)).filter(|network| !network.is_loopback());
        Ok(VisitorContext { organization, visitor, team, network })
    }

    /// Deletes the files that are no longer referenced by any database row.
    pub(super) async fn clear_files(&self) -> Result<(), StoreError> {
        let gone = self.store().files_to_delete().await?;
        if gone.is_empty() {
            return Ok(());
        }
        let removed = self.inner.files.folder.remove(gone).await;
        self.store().confirm_files_deleted(removed).await
    }

    /// Cleans up on startup after the previous run: deletes unfinished uploads and files that were still to be deleted.
    pub(super) async fn sweep_files(&self) -> Result<(), StoreError> {
        self.clear_files().await?;
        let known: HashSet<FileId> = self.store().known_files().await?;
        let folder = self.inner.files.folder.clone();
        match tokio::task::spawn_blocking(move || folder.sweep(&known)).await {
            Ok(Ok(0)) => {}
            Ok(Ok(files)) => tracing::info!(files, "removed unreferenced files"),
            Ok(Err(error)) => tracing::error!(%error, "failed to scan the files directory"),
            Err(error) => tracing::error!(%error, "failed to scan the files directory"),
        }
        Ok(())
    }
}

impl FileUpload {
    /// Returns the maximum file size, in bytes.
    pub fn limit(&self) -> u64 {
        self.engine.settings().file_rules.max_file_bytes
    }

    /// Waits for the next chunk of the file.
    ///
    /// # Errors
    /// Returns [`Refusal::TookTooLong`] if the upload is too slow, and [`Refusal::Busy`] if it is slow and a new upload
    /// has taken its place.
    pub async fn while_in_time<T>(&self, next: impl Future<Output = T>) -> Result<T, Refusal> {
        self.permit.while_in_time(next).await
    }

    /// Appends the next chunk of the file.
    ///
    /// # Errors
    /// Returns [`Refusal::FileTooLarge`] or [`Refusal::TooMany`] as soon as a limit is exceeded, and
    /// [`Refusal::StorageFull`] or [`Refusal::Unexpected`] if the chunk cannot be written.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let limit = self.limit();
        if self.part.bytes() + bytes.len() as u64 > limit {
            return Err(Refusal::FileTooLarge { limit });
        }
        if let Sender::Visitor(context) = &self.from {
            self.engine.check_file(*context, self.part.bytes() + bytes.len() as u64)?;
        }
        self.permit.record(bytes.len());
        self.part.write(bytes).await.map(drop)
    }

    /// Completes the upload: checks the file, stores it on disk, and then posts it to the chat.
    ///
    /// # Errors
    /// Returns [`Refusal::Empty`] if the file is empty, [`Refusal::FileRefused`] if its type is not allowed,
    /// [`Refusal::ImageTooLarge`] if it is an image that is too large, and [`Refusal::TooMany`] or
    /// [`Refusal::FilesFull`] if an upload limit has been reached. Also returns any error that can occur when sending a
    /// message.
    pub async fn end(mut self) -> Result<SentFile, Refusal> {
        self.permit.complete();
        // Spawn a separate task so that the work completes even if the caller is canceled.
        tokio::spawn(self.store_and_post()).await.map_err(|_| Refusal::Unexpected)?
    }

    async fn store_and_post(self) -> Result<SentFile, Refusal> {
        let Self { engine, part, from, client_id, name, permit: _permit } = self;
        let folder = &engine.inner.files.folder;
        // Check one file at a time. The check reads the entire file into memory, and strangers can run many uploads
        // concurrently.
        let looking = engine.inner.decode_lock.lock().await;
        let (id, bytes, kind, name) = folder.place(part, name, engine.settings().file_rules.keep_metadata).await?;
        drop(looking);
        let body = Body::File(FileCard::new(id, bytes, kind.as_str(), &name));
        let said = match from {
            Sender::Visitor(context) => engine.post_as_visitor(context, client_id, body).await.map(|(_, said)| said),
            Sender::Agent(me, chat) => engine.post_as_agent(&me, chat, client_id, body).await,
        };
        // The file was refused, or an earlier file had the same client ID. If the store fails here, the file will be
        // removed on the next startup.
        let is_fresh = said.as_ref().is_ok_and(|said| said.fresh);
        if !is_fresh && engine.store().has_file(id).await.is_ok_and(|known| !known) {
            folder.remove(vec![id]).await;
        }
        said.map(|said| SentFile { chat: said.chat.id, entry: said.entry })
    }
}

impl Engine {
    /// Stores a message. If the message contains a file, the upload limits apply.
    pub(super) async fn store_message(&self, new: NewMessage) -> Result<StoredMessage, Refusal> {
        let said = match new.body {
            Body::File(_) => self.store().send_file(new, self.settings().file_rules).await,
            _ => self.store().send_message(new).await,
        };
        said.map_err(refusal)
    }
}
