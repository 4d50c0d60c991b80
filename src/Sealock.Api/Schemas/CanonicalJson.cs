// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>
/// The one form in which an object is stored: no white space, the object's <c>metadata</c> first and all other fields
/// in ordinal order, strings and numbers as Go's encoding/json writes them (with its HTML escapes). Equal objects have
/// equal bytes, so an update that changes nothing is seen as such.
/// </summary>
public static class CanonicalJson
{
    private const int MaxDepth = 256;

    // Go escapes what could end a script element or a line in JavaScript; everything else above 0x1f stays as it is.
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016"
        + "\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\<>&\u2028\u2029");

    /// <summary>The canonical bytes of an object.</summary>
    /// <exception cref="MalformedObjectException">It is nested deeper than any object that was read can be.</exception>
    public static byte[] Serialize(JsonObject value)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the canonical bytes of an object.</summary>
    /// <exception cref="MalformedObjectException">It is nested deeper than any object that was read can be.</exception>
    public static void Write(JsonObject value, IBufferWriter<byte> output) => WriteObject(value, output, 0);

    /// <summary>Writes a string with its quotes, escaped as Go does.</summary>
    public static void WriteString(ReadOnlySpan<char> value, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (true)
        {
            var index = value.IndexOfAny(Escaped);
            Encoding.UTF8.GetBytes(index < 0 ? value : value[..index], output);
            if (index < 0)
                break;
            WriteEscape(value[index], output);
            value = value[(index + 1)..];
        }

        output.Write("\""u8);
    }

    private static void WriteEscape(char c, IBufferWriter<byte> output)
    {
        switch (c)
        {
            case '"':
                output.Write("\\\""u8);
                break;
            case '\\':
                output.Write("\\\\"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            case '\b':
                output.Write("\\b"u8);
                break;
            case '\f':
                output.Write("\\f"u8);
                break;
            default:
                var span = output.GetSpan(6);
                "\\u"u8.CopyTo(span);
                _ = Utf8Formatter.TryFormat((ushort)c, span[2..], out _, new StandardFormat('x', 4));
                output.Advance(6);
                break;
        }
    }

    private static void WriteObject(JsonObject value, IBufferWriter<byte> output, int depth)
    {
        if (depth > MaxDepth)
            throw new MalformedObjectException($"the object is nested deeper than {MaxDepth} levels");
        output.Write("{"u8);
        var first = true;
        JsonNode? metadata = null;
        var metadataFirst = depth == 0 && value.TryGetPropertyValue("metadata", out metadata);
        if (metadataFirst)
            WriteField("metadata", metadata, ref first, output, depth);
        foreach (var (name, field) in value.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (!metadataFirst || name != "metadata")
                WriteField(name, field, ref first, output, depth);
        }

        output.Write("}"u8);
    }

    private static void WriteField(string name, JsonNode? value, ref bool first, IBufferWriter<byte> output, int depth)
    {
        if (!first)
            output.Write(","u8);
        first = false;
        WriteString(name, output);
        output.Write(":"u8);
        WriteValue(value, output, depth + 1);
    }

    private static void WriteValue(JsonNode? value, IBufferWriter<byte> output, int depth)
    {
        switch (value)
        {
            case null:
                output.Write("null"u8);
                break;
            case JsonObject o:
                WriteObject(o, output, depth);
                break;
            case JsonArray a:
                WriteArray(a, output, depth);
                break;
            case JsonValue v:
                WriteScalar(v, output);
                break;
        }
    }

    private static void WriteArray(JsonArray value, IBufferWriter<byte> output, int depth)
    {
        if (depth > MaxDepth)
            throw new MalformedObjectException($"the object is nested deeper than {MaxDepth} levels");
        output.Write("["u8);
        for (var i = 0; i < value.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            WriteValue(value[i], output, depth + 1);
        }

        output.Write("]"u8);
    }

    private static void WriteScalar(JsonValue value, IBufferWriter<byte> output)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                WriteString(value.GetValue<string>(), output);
                break;
            case JsonValueKind.Number:
                Encoding.UTF8.GetBytes(JsonNumber.Text(value), output);
                break;
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }
}
