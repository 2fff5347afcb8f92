//! Calls with messages whose types are known at run time only.

use prost::Message as _;
use prost::bytes::Buf as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// Writes requests and reads answers of one method.
pub struct DynamicCodec(MessageDescriptor);

impl DynamicCodec {
    /// The codec of `method`.
    pub fn new(method: &MethodDescriptor) -> Self {
        Self(method.output())
    }
}

impl Codec for DynamicCodec {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Requests;
    type Decoder = Answers;

    fn encoder(&mut self) -> Requests {
        Requests
    }

    fn decoder(&mut self) -> Answers {
        Answers(self.0.clone())
    }
}

/// Writes requests.
pub struct Requests;

impl Encoder for Requests {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer).map_err(|error| Status::resource_exhausted(error.to_string()))
    }
}

/// Reads answers.
pub struct Answers(MessageDescriptor);

impl Decoder for Answers {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        let message = DynamicMessage::decode(self.0.clone(), bytes);
        message.map(Some).map_err(|error| Status::data_loss(format!("the answer cannot be read: {error}")))
    }
}
