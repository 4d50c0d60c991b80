// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.Api.Objects;

/// <summary>
/// The place of a field in an object as Kubernetes prints it: <c>spec.containers[0].name</c>,
/// <c>metadata.labels[app]</c>. The default value is the absent path, printed as <c>&lt;nil&gt;</c>.
/// </summary>
public readonly record struct FieldPath
{
    private readonly string? _text;

    /// <summary>A path that starts at a top-level field.</summary>
    public FieldPath(string text) => _text = text;

    /// <summary>A field of the value at this path.</summary>
    public FieldPath Child(string name) => new(string.IsNullOrEmpty(_text) ? name : $"{_text}.{name}");

    /// <summary>A field of a field of the value at this path.</summary>
    public FieldPath Child(string name, string inner) => Child(name).Child(inner);

    /// <summary>An element of the list at this path.</summary>
    public FieldPath Index(int index) => new(string.Create(CultureInfo.InvariantCulture, $"{_text}[{index}]"));

    /// <summary>A value of the map at this path.</summary>
    public FieldPath Key(string key) => new($"{_text}[{key}]");

    /// <inheritdoc/>
    public override string ToString() => _text ?? "<nil>";

    /// <summary>A malformed string here.</summary>
    public FieldError Invalid(string value, string detail) =>
        new(FieldErrorType.Invalid, ToString(), GoText.Quote(value), detail);

    /// <summary>A number out of bounds here.</summary>
    public FieldError Invalid(long value, string detail) =>
        new(FieldErrorType.Invalid, ToString(), value.ToString(CultureInfo.InvariantCulture), detail);

    /// <summary>A malformed value of any JSON type here; objects and lists are shown as JSON.</summary>
    public FieldError Invalid(JsonNode? value, string detail) =>
        new(FieldErrorType.Invalid, ToString(), GoText.Value(value), detail);

    /// <summary>A value of the wrong JSON type here.</summary>
    public FieldError TypeInvalid(JsonNode? value, string detail) =>
        new(FieldErrorType.TypeInvalid, ToString(), GoText.Value(value), detail);

    /// <summary>A missing value here.</summary>
    public FieldError Required(string detail = "") => FieldError.Required(ToString(), detail);

    /// <summary>A value here that is not permitted.</summary>
    public FieldError Forbidden(string detail) => FieldError.Forbidden(ToString(), detail);

    /// <summary>A string here that must be unique and is not.</summary>
    public FieldError Duplicate(string value) => FieldError.Duplicate(ToString(), GoText.Quote(value));

    /// <summary>A value here that must be unique and is not.</summary>
    public FieldError Duplicate(JsonNode? value) => FieldError.Duplicate(ToString(), GoText.Value(value));

    /// <summary>A string here that names something that does not exist.</summary>
    public FieldError NotFound(string value) => new(FieldErrorType.NotFound, ToString(), GoText.Quote(value), "");

    /// <summary>A string here outside a closed set; the supported ones are listed in the order given.</summary>
    public FieldError NotSupported(string value, params IEnumerable<string> supported) => new(
        FieldErrorType.NotSupported, ToString(), GoText.Quote(value),
        "supported values: " + string.Join(", ", supported.Select(GoText.Quote)));

    /// <summary>A value here longer than <paramref name="maxBytes"/> bytes; it is not repeated.</summary>
    public FieldError TooLong(int maxBytes) => new(
        FieldErrorType.TooLong, ToString(), null,
        string.Create(CultureInfo.InvariantCulture, $"may not be more than {maxBytes} {(maxBytes == 1 ? "byte" : "bytes")}"));

    /// <summary>A list here of more than <paramref name="max"/> items.</summary>
    public FieldError TooMany(int actual, int max) => new(
        FieldErrorType.TooMany, ToString(), actual.ToString(CultureInfo.InvariantCulture),
        string.Create(CultureInfo.InvariantCulture, $"must have at most {max} {(max == 1 ? "item" : "items")}"));
}
