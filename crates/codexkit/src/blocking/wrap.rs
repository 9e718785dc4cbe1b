//! From the async half to its twins.

use super::runtime::Runtime;
use crate::error::Result;

/// What has a twin in this half.
pub(in crate::blocking) trait Wrap {
    /// The twin.
    type Twin;

    /// The twin, which keeps the runtime.
    fn wrap(self, runtime: &Runtime) -> Self::Twin;
}

impl<T: Wrap> Wrap for Result<T> {
    type Twin = Result<T::Twin>;

    fn wrap(self, runtime: &Runtime) -> Self::Twin {
        self.map(|original| original.wrap(runtime))
    }
}

impl<T: Wrap> Wrap for Option<T> {
    type Twin = Option<T::Twin>;

    fn wrap(self, runtime: &Runtime) -> Self::Twin {
        self.map(|original| original.wrap(runtime))
    }
}
