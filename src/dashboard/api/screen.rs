//! Loads screens through a server function and submits their forms. A form is submitted to its screen's address by the
//! WebAssembly code or, before hydration, by the browser itself.

use leptos::prelude::*;
use protocol::screen::{Screen, SubmitResult};
#[cfg(feature = "hydrate")]
use protocol::{codec, refusal::Refusal};

use super::{ApiError, encoding::PostcardPost};

/// Returns the screen at an address.
#[server(name = AskScreen, prefix = "/api", endpoint = "screen", input = PostcardPost, output = PostcardPost)]
pub async fn screen(#[doc = "The screen's path and query string."] address: String) -> Result<Screen, ApiError> {
    super::request_context::screen(&address).await
}

/// Submits a form's contents to its address.
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

/// Never resolves, because forms are not submitted on the server.
#[cfg(not(feature = "hydrate"))]
pub async fn submit(_to: String, _form: web_sys::FormData) -> Result<SubmitResult, ApiError> {
    std::future::pending().await
}
