//! A map that forgets what it learnt first when it has become too large.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// What is remembered, up to a bound.
#[derive(Debug)]
pub(super) struct Remembered<K, V> {
    known: HashMap<K, V>,
    oldest_first: VecDeque<K>,
    bound: usize,
}

impl<K: Clone + Eq + Hash, V> Remembered<K, V> {
    pub(super) fn up_to(bound: usize) -> Self {
        Self { known: HashMap::new(), oldest_first: VecDeque::new(), bound }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.known.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.known.get_mut(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.known.keys()
    }

    /// Remembers this, in the place of what was known under the key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.known.insert(key.clone(), value).is_none() {
            self.oldest_first.push_back(key);
            if self.known.len() > self.bound
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut known = Remembered::up_to(2);
        known.insert("a", 1);
        known.insert("b", 2);
        known.insert("a", 3);
        assert_eq!((known.get(&"a"), known.get(&"b")), (Some(&3), Some(&2)));
        known.insert("c", 4);
        assert_eq!((known.get(&"a"), known.get(&"b"), known.get(&"c")), (None, Some(&2), Some(&4)));
        assert_eq!(known.keys().count(), 2);
    }
}
