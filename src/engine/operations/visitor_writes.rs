//! Decides whether visitors may write: not if there is too little free disk space, and no more bytes per day than their
//! address and their organization are allowed.

use protocol::{
    chat::Body,
    id::{ClientId, OrganizationId, VisitId},
    page::PageView,
    refusal::Refusal,
};

use super::{Engine, messages::VisitorContext};
use crate::{
    clock,
    hub::event::TakenPageView,
    limits::daily_bytes::{CountedBytes, Writer, Written},
};

impl VisitorContext {
    /// Returns whose allowances the visitor's writes count against.
    pub(super) fn writer(&self) -> Writer {
        Writer { organization: self.organization, network: self.network }
    }
}

impl Engine {
    /// Counts what a visitor is about to write.
    ///
    /// # Errors
    /// Returns [`Refusal::StorageFull`] if there is too little free disk space, and [`Refusal::TooMany`] if an
    /// allowance of bytes is used up.
    pub(super) fn admit_write(
        &self,
        context: VisitorContext,
        what: Written,
        bytes: usize,
    ) -> Result<CountedBytes<'_>, Refusal> {
        self.inner.free_disk.check()?;
        self.inner.visitor_limits.bytes.try_count(context.writer(), what, bytes as u64, clock::now())
    }

    /// Checks whether a visitor may upload a file of which this many bytes have arrived.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::admit_write`].
    pub(super) fn check_file(&self, context: VisitorContext, bytes: u64) -> Result<(), Refusal> {
        self.inner.free_disk.check()?;
        self.inner.visitor_limits.bytes.check(context.writer(), Written::Other, bytes, clock::now())
    }

    /// Counts a visitor's message or file. One that is already stored may always be sent again, because its
    /// acknowledgment may have been lost; it does not count. The caller holds the visitor's lock.
    ///
    /// # Errors
    /// Also returns [`Refusal::TooMany`] if the visitor has sent too many messages.
    pub(super) async fn admit_message(
        &self,
        context: VisitorContext,
        client_id: ClientId,
        body: &Body,
    ) -> Result<Option<CountedBytes<'_>>, Refusal> {
        let (what, bytes) = match body {
            Body::File(card) => (Written::Other, usize::try_from(card.bytes()).unwrap_or(usize::MAX)),
            Body::Text(text) => (Written::Message, text.len()),
            _ => (Written::Message, 0),
        };
        let is_within_rate = self.inner.visitor_limits.messages.check(context.visitor, clock::now());
        match is_within_rate.and_then(|()| self.admit_write(context, what, bytes)) {
            Ok(counted) => Ok(Some(counted)),
            Err(refused) => {
                if self.has_message(context.visitor, client_id).await? {
                    Ok(None)
                } else {
                    Err(refused)
                }
            }
        }
    }

    /// Counts page views, and returns those that may be stored. The others are dropped, since nobody is waiting for
    /// them.
    pub(super) fn page_views_to_store(
        &self,
        organization: OrganizationId,
        taken: Vec<TakenPageView>,
    ) -> Vec<(VisitId, PageView)> {
        if self.inner.free_disk.is_low() {
            return Vec::new();
        }
        let may_be_stored = |TakenPageView { network, view, .. }: &TakenPageView| {
            let (writer, bytes) =
                (Writer { organization, network: *network }, view.page.url.len() + view.page.title.len());
            let limit = &self.inner.visitor_limits.bytes;
            let counted = limit.try_count(writer, Written::Other, bytes as u64, clock::now());
            counted.map(CountedBytes::keep).is_ok()
        };
        taken.into_iter().filter(may_be_stored).map(|taken| (taken.visit, taken.view)).collect()
    }
}
