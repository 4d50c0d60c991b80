// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>What a stranger's JSON may be at most.</summary>
/// <param name="MaxBytes">Bytes of the whole text.</param>
/// <param name="MaxDepth">Objects and lists within each other.</param>
/// <param name="MaxValues">Values in the whole text, each key counted with its value.</param>
public sealed record JsonLimits(int MaxBytes = 3 * 1024 * 1024, int MaxDepth = 128, int MaxValues = 50_000)
{
    /// <summary>3 MiB, as kube-apiserver.</summary>
    public static JsonLimits Default { get; } = new();
}

/// <summary>
/// A JSON object read in full, and the paths of fields that appeared more than once (the last one counts).
/// </summary>
public sealed record ReadObject(JsonObject Object, IReadOnlyList<string> DuplicateFields);

/// <summary>
/// Reads JSON that comes from outside. Unlike <c>JsonNode.Parse</c>, which defers, everything is read and checked here:
/// encoding, lone surrogates, duplicates, depth, numbers. Numbers keep their digits: what fits 64 bits becomes a long,
/// anything else keeps its text.
/// </summary>
public static class JsonReading
{
    private const int MaxReported = 100;

    /// <summary>Reads a text whose top level must be an object.</summary>
    /// <exception cref="MalformedObjectException">It is not, or it exceeds a limit.</exception>
    public static ReadObject ReadObject(ReadOnlySpan<byte> utf8, JsonLimits? limits = null)
    {
        var duplicates = new HashSet<string>(StringComparer.Ordinal);
        return Read(utf8, limits, duplicates) is JsonObject value
            ? new ReadObject(value, [.. duplicates])
            : throw Syntax("the body must be a JSON object");
    }

    /// <summary>Reads any JSON value, such as a JSON patch; duplicate fields are taken as the last one says.</summary>
    /// <exception cref="MalformedObjectException">It is not JSON, or it exceeds a limit.</exception>
    public static JsonNode? ReadValue(ReadOnlySpan<byte> utf8, JsonLimits? limits = null) => Read(utf8, limits, []);

    /// <summary>Whether a text is JSON within the limits; nothing is made of it.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> utf8, JsonLimits? limits = null)
    {
        limits ??= JsonLimits.Default;
        try
        {
            return utf8.Length <= limits.MaxBytes
                && HasAtMost(limits.MaxValues, new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = limits.MaxDepth }));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonNode? Read(ReadOnlySpan<byte> utf8, JsonLimits? limits, HashSet<string> duplicates)
    {
        limits ??= JsonLimits.Default;
        if (utf8.Length > limits.MaxBytes)
            throw Syntax($"the JSON text is larger than {limits.MaxBytes} bytes");
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
        var path = new FieldPath();
        try
        {
            // Counted first, so that nothing is made of a text that has too many.
            if (utf8.Length / 2 >= limits.MaxValues && !HasAtMost(limits.MaxValues, reader))
                throw Syntax("the JSON text has too many values");
            if (!reader.Read())
                throw Syntax("unexpected end of JSON input");
            var value = Value(ref reader, path, duplicates);
            // Reads on, so that trailing text is refused.
            while (reader.Read())
            {
            }

            return value;
        }
        catch (JsonException e)
        {
            throw Syntax($"invalid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}");
        }
        catch (InvalidOperationException)
        {
            throw Syntax($"invalid text: not UTF-8, or a lone surrogate, at \"{path}\"");
        }
    }

    /// <summary>Goes through a copy of the reader.</summary>
    private static bool HasAtMost(int values, Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray) && --values < 0)
                return false;
        }

        return true;
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, FieldPath path, HashSet<string> duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, path, duplicates);
            case JsonTokenType.StartArray:
                return Array(ref reader, path, duplicates);
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return Number(ref reader);
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    private static JsonObject Object(ref Utf8JsonReader reader, FieldPath path, HashSet<string> duplicates)
    {
        var value = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            path.Enter(name);
            if (duplicates.Count < MaxReported && value.ContainsKey(name))
                duplicates.Add(path.ToString());
            reader.Read();
            value[name] = Value(ref reader, path, duplicates);
            path.Leave();
        }

        return value;
    }

    private static JsonArray Array(ref Utf8JsonReader reader, FieldPath path, HashSet<string> duplicates)
    {
        var value = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            path.Enter(value.Count);
            value.Add(Value(ref reader, path, duplicates));
            path.Leave();
        }

        return value;
    }

    private static JsonValue Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var whole) && !reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E'))
            return JsonValue.Create(whole);
        // A number that no double can hold would turn into infinity, which JSON cannot say.
        if (!reader.TryGetDouble(out var number) || !double.IsFinite(number))
            throw Syntax("a number is out of range");
        return JsonValue.Create(JsonElement.Parse(reader.ValueSpan))!;
    }

    private static MalformedObjectException Syntax(string message) => new(message) { IsSyntax = true };
}
