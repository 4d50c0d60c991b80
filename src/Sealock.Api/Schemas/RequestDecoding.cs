// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>What the query parameter <c>fieldValidation</c> asks for.</summary>
public enum FieldValidation
{
    /// <summary>Unknown and duplicate fields are dropped in silence.</summary>
    Ignore,

    /// <summary>They are dropped, and the client is warned. The default.</summary>
    Warn,

    /// <summary>They are an error.</summary>
    Strict,
}

/// <summary>From a request's bytes, or a patched object, to an object as the schema wants it.</summary>
public static class RequestDecoding
{
    /// <summary>
    /// Reads the parameter's value; empty means <see cref="FieldValidation.Warn"/>, null an unknown value.
    /// </summary>
    public static FieldValidation? ParseFieldValidation(string value) => value switch
    {
        "" or "Warn" => FieldValidation.Warn,
        "Ignore" => FieldValidation.Ignore,
        "Strict" => FieldValidation.Strict,
        _ => null,
    };

    /// <summary>
    /// Reads, checks, prunes and defaults a request's object. The warnings, in Kubernetes' words, are for the client's
    /// <c>Warning</c> headers.
    /// </summary>
    /// <exception cref="MalformedObjectException">
    /// The text cannot be read, or fields are unknown or duplicate under <see cref="FieldValidation.Strict"/>.
    /// </exception>
    public static DecodedObject Decode(
        ReadOnlySpan<byte> utf8, SchemaNode schema, FieldValidation validation, JsonLimits? limits = null)
    {
        var read = JsonReading.ReadObject(utf8, limits);
        return new DecodedObject(read.Object, Decode(read.Object, schema, validation, read.DuplicateFields));
    }

    /// <summary>The same for an object that is already in memory (a patch's result); changes it in place.</summary>
    /// <returns>The warnings.</returns>
    /// <exception cref="MalformedObjectException">As above.</exception>
    public static IReadOnlyList<string> Decode(
        JsonObject value, SchemaNode schema, FieldValidation validation, IReadOnlyList<string>? duplicates = null)
    {
        var unknown = ObjectDecoding.Decode(value, schema);
        SchemaDefaulting.Apply(value, schema);
        if (validation == FieldValidation.Ignore || (unknown.Count == 0 && duplicates is null or { Count: 0 }))
            return [];
        string[] faults =
        [
            .. unknown.Select(path => $"unknown field \"{path}\""),
            .. (duplicates ?? []).Select(path => $"duplicate field \"{path}\""),
        ];
        return validation == FieldValidation.Strict
            ? throw new MalformedObjectException("strict decoding error: " + string.Join(", ", faults))
            : faults;
    }

    /// <summary>
    /// The message of the 400 answer, such as <c>Secret in version "v1" cannot be handled as a Secret: …</c>.
    /// </summary>
    public static string Describe(string version, string kind, MalformedObjectException fault) => fault.IsSyntax
        ? $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; "
            + $"json parse error: {fault.Message}"
        : $"{kind} in version \"{version}\" cannot be handled as a {kind}: {fault.Message}";
}

/// <summary>An object read from a request, and the warnings for the client.</summary>
public sealed record DecodedObject(JsonObject Object, IReadOnlyList<string> Warnings);
