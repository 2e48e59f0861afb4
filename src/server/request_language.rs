//! Determines the language of a response. Agents get their own language, and anyone else gets the one their browser
//! prefers.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use engine::Principal;
use protocol::{language::Language, refusal::Refusal};

use super::{ServerState, client_identity, security_headers::header_text};
use crate::screens::i18n;

/// The signed-in agent, if any, or the reason why the session could not be read.
pub(super) type PrincipalResult = Result<Option<Principal>, Refusal>;

/// Resolves the agent and the language once per request. Pages and screens get the language from the task's context.
/// Handlers that spawn other tasks get both from the request's extensions.
pub(super) async fn resolve_principal(State(parts): State<ServerState>, mut request: Request, next: Next) -> Response {
    let found: PrincipalResult = client_identity::principal(&parts, request.headers()).await;
    let language = match &found {
        Ok(Some(me)) => me.language,
        Ok(None) | Err(_) => accepted_language(request.headers()),
    };
    request.extensions_mut().insert(language);
    request.extensions_mut().insert(found);
    i18n::with_language(language, next.run(request)).await
}

/// Returns the first supported language in `Accept-Language`. Browsers list the preferred one first.
pub(super) fn accepted_language(headers: &HeaderMap) -> Language {
    let tags = header_text(headers, &header::ACCEPT_LANGUAGE).unwrap_or_default().split(',');
    let mut supported = tags.filter_map(|tag| Language::supported(tag.split(';').next()?.trim()));
    supported.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_supported_accept_language_is_used() {
        for (accepted, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::De),
            ("fr-CA, de;q=0.7, en;q=0.5", Language::De),
            ("en-GB,de", Language::En),
            ("fr,ja", Language::En),
            ("*", Language::En),
            (",;q=,d,ü", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(accepted_language(&headers), language, "{accepted}");
        }
        assert_eq!(accepted_language(&HeaderMap::new()), Language::En);
    }
}
