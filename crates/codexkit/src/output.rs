//! What a turn gave. (Filled in by the turn layer.)

/// What a turn gave.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TurnOutput {}
