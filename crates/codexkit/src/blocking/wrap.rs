//! From the async half to its twins, and back where that is no method.

use super::generated::Tool;
use super::runtime::Runtime;
use crate::error::Result;
use crate::tool::ToolSet;

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

/// Both halves give tools to threads as one type.
impl From<Tool> for ToolSet {
    fn from(tool: Tool) -> Self {
        Self::new().tool(tool)
    }
}
