//! Setters of builders that collect the parameters of one method.

/// Writes setters that hand their value on to the field of `self.params` with the same name.
macro_rules! forward_to_params {
    ($($(#[doc = $doc:literal])+ $name:ident: $value:ty;)+) => {$(
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: impl Into<$value>) -> Self {
            self.params = self.params.$name($name);
            self
        }
    )+};
}

/// Writes setters for lists, which take anything that can be gone through.
macro_rules! forward_lists_to_params {
    ($($(#[doc = $doc:literal])+ $name:ident: $value:ty;)+) => {$(
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: impl IntoIterator<Item = impl Into<$value>>) -> Self {
            self.params = self.params.$name($name);
            self
        }
    )+};
}

pub(crate) use {forward_lists_to_params, forward_to_params};
