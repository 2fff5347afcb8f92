//! What both engines must do alike.
