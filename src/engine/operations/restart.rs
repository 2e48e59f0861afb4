//! Restores open invitations and chats, including their timers, after a server restart.

use super::{Engine, catch_up::board_invitation};
use crate::{
    hub::{
        ChatUpdate, VisitKey,
        event::{Event, KnownVisitor, RestoredVisit},
    },
    store::{StoreError, VisitRecord},
};

impl Engine {
    /// Restores everything in the hubs that was open when the server stopped: visits, invitations, and chats, and thus
    /// their timers.
    pub(super) async fn restore_open_work(&self) -> Result<(), StoreError> {
        for organization in self.store().organizations().await? {
            self.hub(organization);
        }
        for open in self.store().open_invitations().await? {
            let (hub, visitor) = (self.hub(open.visit.organization), open.visit.visitor);
            hub.apply(Event::Restored(Box::new(restored_visit(open.visit)))).await;
            let invitation = board_invitation(&open.invitation);
            hub.apply(Event::Invitation { visitor, invitation, quiet_until: None }).await;
        }
        for live in self.store().live_chats().await? {
            let hub = self.hub(live.visit.organization);
            if hub.visit_info(VisitKey::Visitor(live.visit.visitor)).await.is_none() {
                hub.apply(Event::Restored(Box::new(restored_visit(live.visit)))).await;
            }
            hub.chat(ChatUpdate { chat: live.chat, entries: Vec::new(), card: None }).await;
        }
        Ok(())
    }
}

fn restored_visit(visit: VisitRecord) -> RestoredVisit {
    RestoredVisit {
        visit: visit.id,
        visitor: KnownVisitor {
            visitor: visit.visitor,
            name: visit.visitor_name,
            quiet_until: visit.quiet_until,
            visit: Some((visit.id, visit.started_at)),
        },
        concierge: visit.concierge,
        page: visit.page,
        browser: visit.browser,
        since: visit.started_at,
    }
}
