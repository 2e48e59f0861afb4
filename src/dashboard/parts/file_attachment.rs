//! A file in a conversation: a download link with the file's name and size, and a preview if it is an image. Other
//! files are never opened in the dashboard.

use leptos::prelude::*;
use protocol::file::{FileCard, size};

/// A link that downloads a file. The server marks every file as an attachment, so the browser never displays it.
pub fn file(card: &FileCard) -> AnyView {
    let to = card.id().map(|id| format!("/files/{id}")).unwrap_or_default();
    let image = card.is_image().then(|| view! { <img src=to.clone() alt="" loading="lazy" /> });
    let (name, kept_as) = (card.name().to_owned(), card.name().to_owned());
    view! {
        <a class="text file" href=to download=kept_as rel="external">
            {image} <bdi>{name}</bdi> <small>{size(card.bytes())}</small>
        </a>
    }
    .into_any()
}
