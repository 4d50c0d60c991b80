// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// Fields of objects as rules read them: a field that is absent, null or of another type than the schema says reads
/// as empty, so that a rule never throws on an object it is shown.
/// </summary>
internal static class ObjectFields
{
    extension(JsonObject @object)
    {
        /// <summary>A string field, or empty.</summary>
        public string Text(string name) =>
            @object.TryGetPropertyValue(name, out var node) && node is JsonValue value &&
            value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

        /// <summary>An object field, or null.</summary>
        public JsonObject? Map(string name) =>
            @object.TryGetPropertyValue(name, out var node) ? node as JsonObject : null;

        /// <summary>The strings of a list field; other elements read as empty strings.</summary>
        public IReadOnlyList<string> Texts(string name) =>
            @object.TryGetPropertyValue(name, out var node) && node is JsonArray list
                ? [.. list.Select(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.String
                    ? value.GetValue<string>() : "")]
                : [];

        /// <summary>The objects of a list field; other elements read as empty objects.</summary>
        public IReadOnlyList<JsonObject> Items(string name) =>
            @object.TryGetPropertyValue(name, out var node) && node is JsonArray list
                ? [.. list.Select(item => item as JsonObject ?? [])] : [];

        /// <summary>Whether a field is there and not null.</summary>
        public bool Has(string name) => @object.TryGetPropertyValue(name, out var node) && node is not null;

        /// <summary>Whether a field is true.</summary>
        public bool IsTrue(string name) =>
            @object.TryGetPropertyValue(name, out var node) && node is JsonValue value &&
            value.GetValueKind() == JsonValueKind.True;

        /// <summary>A whole number, or null.</summary>
        public long? Number(string name) =>
            @object.TryGetPropertyValue(name, out var node) && node is JsonValue value &&
            value.GetValueKind() == JsonValueKind.Number &&
            long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number : null;

        /// <summary>A point in time (RFC 3339), or null.</summary>
        public DateTimeOffset? Time(string name) =>
            DateTimeOffset.TryParse(
                @object.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

        /// <summary>
        /// A byte field: base64 as Go's decoder takes it, line breaks skipped. Null where it is not base64.
        /// </summary>
        public byte[]? Bytes(string name)
        {
            var text = @object.Text(name);
            if (text.AsSpan().ContainsAny(" \t"))
                return null;
            var bytes = new byte[text.Length / 4 * 3 + 3];
            return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
        }

        /// <summary>Sets a field to a copy of another object's, or removes it where that has none.</summary>
        public void TakeFrom(JsonObject? other, string name)
        {
            if (other?[name] is { } value)
                @object[name] = value.DeepClone();
            else
                @object.Remove(name);
        }
    }

    /// <summary>A time without fractions of a second, as it comes back from a server.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    /// <summary>A time as Kubernetes writes it: UTC, whole seconds.</summary>
    public static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
