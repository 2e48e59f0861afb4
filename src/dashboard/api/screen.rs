//! Screens: asked for by a server function, and what is filled in sent as a form, by either half of the dashboard, to the
//! address of its screen.

use leptos::prelude::*;
use protocol::screen::{Screen, SubmitResult};
#[cfg(feature = "hydrate")]
use protocol::{codec, refusal::Refusal};

use super::{ApiError, encoding::PostcardPost};

/// The screen at an address.
#[server(name = AskScreen, prefix = "/api", endpoint = "screen", input = PostcardPost, output = PostcardPost)]
pub async fn screen(#[doc = "Its path, and what is asked for."] address: String) -> Result<Screen, ApiError> {
    super::request_context::screen(&address).await
}

/// Sends what stands in a form.
#[cfg(feature = "hydrate")]
pub async fn submit(to: String, form: web_sys::FormData) -> Result<SubmitResult, ApiError> {
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;

    let unreached = |_| ApiError { refusal: Refusal::Unexpected, request_id: String::new() };
    let request = web_sys::RequestInit::new();
    let headers = web_sys::Headers::new().map_err(unreached)?;
    headers.set("accept", "application/octet-stream").map_err(unreached)?;
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&form);
    let fetched = JsFuture::from(window().fetch_with_str_and_init(&to, &request)).await.map_err(unreached)?;
    let response: web_sys::Response = fetched.unchecked_into();
    let request_id = response.headers().get("x-request-id").ok().flatten().unwrap_or_else(|| "unknown".into());
    let body = JsFuture::from(response.array_buffer().map_err(unreached)?).await.map_err(unreached)?;
    let answer = codec::decode::<Result<SubmitResult, Refusal>>(&js_sys::Uint8Array::new(&body).to_vec());
    let refused = |refusal| ApiError { refusal, request_id };
    match answer {
        Ok(Ok(submitted)) => Ok(submitted),
        Ok(Err(refusal)) => Err(refused(refusal)),
        Err(_) => Err(refused(if response.status() == 413 { Refusal::TooLarge } else { Refusal::Unexpected })),
    }
}

/// The server sends nothing to itself.
#[cfg(not(feature = "hydrate"))]
pub async fn submit(_to: String, _form: web_sys::FormData) -> Result<SubmitResult, ApiError> {
    std::future::pending().await
}
