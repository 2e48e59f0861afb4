//! A file that was sent: its name and its size, to be kept; and of a image, what it shows. Nothing else is ever opened here.

use leptos::prelude::*;
use protocol::file::{FileCard, size};

/// The way to a file. A browser keeps it, whatever is in it: so the server says.
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
