//! The browser's local storage, which holds drafts, unacknowledged messages, and the sound setting. If storage is
//! unavailable (private windows, quota exceeded), everything still works, but this data is lost on reload.

#[cfg(feature = "hydrate")]
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Returns the value stored under a key.
pub fn get(key: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    return storage()?.get_item(key).ok().flatten();
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = key;
        None
    }
}

/// Stores a value under a key. An empty value removes the key.
pub fn set(key: &str, text: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(storage) = storage() {
        // Setting a value fails if the storage is full. The text is still on the screen, so there is nothing to report.
        let _ = if text.is_empty() { storage.remove_item(key) } else { storage.set_item(key, text) };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, text);
}

/// Returns the values of all keys that start with the prefix, sorted by key.
pub fn values_with_prefix(prefix: &str) -> Vec<String> {
    #[cfg(feature = "hydrate")]
    {
        let Some(storage) = storage() else { return Vec::new() };
        let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
        let mut keys: Vec<String> = keys.filter(|key| key.starts_with(prefix)).collect();
        keys.sort_unstable();
        keys.iter().filter_map(|key| storage.get_item(key).ok().flatten()).collect()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = prefix;
        Vec::new()
    }
}
