// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Schemas;

namespace Sealock.Api.Protobuf;

/// <summary>
/// The frame of an object in <c>application/vnd.kubernetes.protobuf</c>: four bytes of magic, then the message
/// runtime.Unknown with the object's type and its bytes.
/// </summary>
internal readonly ref struct ProtobufEnvelope
{
    /// <summary>The media type of an object in this form.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private ProtobufEnvelope(string apiVersion, string kind, ReadOnlySpan<byte> raw)
    {
        ApiVersion = apiVersion;
        Kind = kind;
        Raw = raw;
    }

    /// <summary>The object's apiVersion, or empty.</summary>
    public string ApiVersion { get; }

    /// <summary>The object's kind, or empty.</summary>
    public string Kind { get; }

    /// <summary>The object's message.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>Takes off the frame.</summary>
    /// <exception cref="MalformedObjectException">There is none, or it is broken.</exception>
    public static ProtobufEnvelope Read(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            throw new MalformedObjectException("empty data");
        if (!body.StartsWith(Magic))
        {
            throw new MalformedObjectException(
                "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        if (body.Length == Magic.Length)
            throw new MalformedObjectException("empty body");
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        var unknown = new WireReader(body[Magic.Length..]);
        while (unknown.Next())
        {
            switch (unknown.Field)
            {
                case 1:
                    unknown.Expect(WireType.Bytes, "TypeMeta");
                    ReadType(unknown.Bytes(), ref apiVersion, ref kind);
                    break;
                case 2:
                    unknown.Expect(WireType.Bytes, "Raw");
                    raw = unknown.Bytes();
                    break;
                default:
                    // The content's encoding and type, which matter only to those who do not know the kind.
                    unknown.Skip();
                    break;
            }
        }

        return new ProtobufEnvelope(apiVersion, kind, raw);
    }

    private static void ReadType(ReadOnlySpan<byte> message, ref string apiVersion, ref string kind)
    {
        var type = new WireReader(message);
        while (type.Next())
        {
            switch (type.Field)
            {
                case 1:
                    type.Expect(WireType.Bytes, "APIVersion");
                    apiVersion = type.Text();
                    break;
                case 2:
                    type.Expect(WireType.Bytes, "Kind");
                    kind = type.Text();
                    break;
                default:
                    type.Skip();
                    break;
            }
        }
    }
}
