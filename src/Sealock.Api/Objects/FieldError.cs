// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Objects;

/// <summary>Kinds of field error, with apimachinery's names and words (k8s.io/apimachinery/pkg/util/validation/field).</summary>
public enum FieldErrorType
{
    /// <summary>Something that is named does not exist.</summary>
    NotFound,

    /// <summary>A required value is absent.</summary>
    Required,

    /// <summary>A value occurs twice where it must be unique.</summary>
    Duplicate,

    /// <summary>The value is malformed or out of bounds.</summary>
    Invalid,

    /// <summary>The value is not one of the supported ones.</summary>
    NotSupported,

    /// <summary>The value is well formed but not permitted here.</summary>
    Forbidden,

    /// <summary>The value is too long.</summary>
    TooLong,

    /// <summary>Too many items.</summary>
    TooMany,

    /// <summary>The value has the wrong type.</summary>
    TypeInvalid,

    /// <summary>Something unforeseen.</summary>
    Internal,
}

/// <summary>One thing that is wrong with one field of an object.</summary>
/// <param name="Type">The kind of error.</param>
/// <param name="Field">The path, such as <c>spec.usages[1]</c>.</param>
/// <param name="BadValue">The offending value as kube-apiserver prints it (strings quoted); null prints none.</param>
/// <param name="Detail">More words; may be empty.</param>
public sealed record FieldError(FieldErrorType Type, string Field, string? BadValue, string Detail)
{
    /// <summary>The cause's reason, such as <c>FieldValueRequired</c>.</summary>
    public string Reason => Type switch
    {
        FieldErrorType.NotFound => "FieldValueNotFound",
        FieldErrorType.Required => "FieldValueRequired",
        FieldErrorType.Duplicate => "FieldValueDuplicate",
        FieldErrorType.Invalid => "FieldValueInvalid",
        FieldErrorType.NotSupported => "FieldValueNotSupported",
        FieldErrorType.Forbidden => "FieldValueForbidden",
        FieldErrorType.TooLong => "FieldValueTooLong",
        FieldErrorType.TooMany => "FieldValueTooMany",
        FieldErrorType.TypeInvalid => "FieldValueTypeInvalid",
        _ => "InternalError",
    };

    /// <summary>The error without its field: <c>Invalid value: "x": must be …</c>.</summary>
    public string Body
    {
        get
        {
            var words = Type switch
            {
                FieldErrorType.NotFound => "Not found",
                FieldErrorType.Required => "Required value",
                FieldErrorType.Duplicate => "Duplicate value",
                FieldErrorType.Invalid or FieldErrorType.TypeInvalid => "Invalid value",
                FieldErrorType.NotSupported => "Unsupported value",
                FieldErrorType.Forbidden => "Forbidden",
                FieldErrorType.TooLong => "Too long",
                FieldErrorType.TooMany => "Too many",
                _ => "Internal error",
            };
            if (BadValue is not null && Type is not (FieldErrorType.Required or FieldErrorType.Forbidden
                or FieldErrorType.TooLong or FieldErrorType.Internal))
                words += ": " + BadValue;
            return Detail.Length == 0 ? words : $"{words}: {Detail}";
        }
    }

    /// <summary>A required value is absent.</summary>
    public static FieldError Required(string field, string detail = "") => new(FieldErrorType.Required, field, null, detail);

    /// <summary>A malformed value.</summary>
    public static FieldError Invalid(string field, string? badValue, string detail) =>
        new(FieldErrorType.Invalid, field, badValue, detail);

    /// <summary>A value that is not permitted here.</summary>
    public static FieldError Forbidden(string field, string detail) => new(FieldErrorType.Forbidden, field, null, detail);

    /// <summary>A value that occurs twice.</summary>
    public static FieldError Duplicate(string field, string badValue) =>
        new(FieldErrorType.Duplicate, field, badValue, "");

    /// <summary>A value outside a closed set; the supported ones are listed, sorted.</summary>
    public static FieldError NotSupported(string field, string badValue, IEnumerable<string> supported) =>
        new(FieldErrorType.NotSupported, field, badValue,
            "supported values: " + string.Join(", ", supported.Select(Quote)));

    /// <summary>A string as kube-apiserver shows it as a bad value.</summary>
    public static string Quote(string value) => GoText.Quote(value);

    /// <summary>Several errors as one text: a single one stands alone, more are bracketed; equal texts appear once.</summary>
    public static string Join(IEnumerable<FieldError> errors)
    {
        List<string> texts = [.. errors.Select(error => error.ToString()).Distinct(StringComparer.Ordinal)];
        return texts is [var only] ? only : $"[{string.Join(", ", texts)}]";
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Body}";

    /// <summary>The 422 answer that lists all errors of one object.</summary>
    public static ApiException ToException(string group, string kind, string name, IReadOnlyList<FieldError> errors) => new(
        422, "Invalid",
        $"{(group.Length == 0 ? kind : $"{kind}.{group}")} {Quote(name)} is invalid{(errors.Count == 0 ? "" : $": {Join(errors)}")}",
        new StatusDetails
        {
            Name = name,
            Group = group,
            Kind = kind,
            Causes = [.. errors.Select(error => new StatusCause(error.Reason, error.Body, error.Field))],
        });
}
