// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Controllers.Revocation.Definitions;

/// <summary>What is wrong with objects of the kinds of revocation, beside their schemas.</summary>
internal static class RevocationValidation
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);
    private static readonly string[] Subjects = ["user", "publicKeySha256", "credential"];
    private static readonly string[] Fixed = ["authority", "serialNumber", "revokedAt"];

    private const string CredentialId = "authentication.kubernetes.io/credential-id";

    public static IEnumerable<FieldError> OfCertificate(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        if (operation.Old?.Map("spec") is { } old)
            return OfChange(spec, old, operation.Now);
        var keyId = spec.Map("authority")?.Text("keyId") ?? "";
        var serial = spec.Text("serialNumber");
        List<FieldError> errors = [.. OfKeyId(keyId), .. OfSerial(serial)];
        if (spec.Time("revokedAt") > operation.Now + ClockSkew)
            errors.Add(FieldError.Invalid("spec.revokedAt", GoText.Quote(spec.Text("revokedAt")), "must not lie in the future"));
        if (errors.Count == 0 && $"{keyId}-{serial}" is var name && operation.Name != name)
        {
            errors.Add(FieldError.Invalid(
                "metadata.name", GoText.Quote(operation.Name), $"must be {name}, of the authority's key and the serial number"));
        }

        return errors;
    }

    public static IEnumerable<FieldError> OfAccess(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        string[] given = [.. Subjects.Where(field => spec.Text(field).Length > 0)];
        if (given.Length != 1)
        {
            yield return FieldError.Invalid(
                "spec", GoText.Quote(string.Join(", ", given)), "exactly one of user, publicKeySha256 and credential must be given");
        }

        if (spec.Text("publicKeySha256") is { Length: > 0 } key && !(key.Length == 64 && key.All(char.IsAsciiHexDigitLower)))
            yield return FieldError.Invalid("spec.publicKeySha256", GoText.Quote(key), "must be 64 hexadecimal digits in lower case");
        if (spec.Text("credential") is { Length: > 0 } id
            && !id.StartsWith("X509SHA256=", StringComparison.Ordinal) && !id.StartsWith("JTI=", StringComparison.Ordinal))
            yield return FieldError.Invalid("spec.credential", GoText.Quote(id), "must begin with X509SHA256= or JTI=");
        if (FieldThatLocksOutItsWriter(operation, spec) is { } field)
        {
            yield return FieldError.Forbidden(
                $"spec.{field}", "this is you: you would be locked out at once, and could not delete the object any more. "
                + $"Ask as another administrator, or say that it is meant by the annotation {RevocationDefinitions.LocksOutMyself}: \"true\"");
        }
    }

    private static string? FieldThatLocksOutItsWriter(ObjectOperation operation, JsonObject spec)
    {
        if (operation.Object.Map("metadata")?.Map("annotations")?.Text(RevocationDefinitions.LocksOutMyself) == "true")
            return null;
        var old = operation.Old?.Map("spec") ?? [];
        if (spec.Text("user") is { Length: > 0 } user && user == operation.User.Name && user != old.Text("user"))
            return "user";
        return spec.Text("credential") is { Length: > 0 } id && id != old.Text("credential")
            && operation.User.Extra.GetValueOrDefault(CredentialId, []).Contains(id) ? "credential" : null;
    }

    public static IEnumerable<FieldError> OfList(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        var keyId = spec.Map("authority")?.Text("keyId") ?? "";
        if (operation.Old is null && keyId != operation.Name)
            yield return FieldError.Invalid("metadata.name", GoText.Quote(operation.Name), "must be the identifier of the authority's key");
        if (operation.Old?.Map("spec")?.Map("authority")?.Text("keyId") is { } old && old != keyId)
            yield return FieldError.Invalid("spec.authority.keyId", GoText.Quote(keyId), "field is immutable");
        if (WhatIsWrong(spec.Text("certificate"), keyId) is { } fault)
            yield return FieldError.Invalid("spec.certificate", GoText.Quote("<value omitted>"), fault);
    }

    /// <summary>A number is never used twice: whoever was slower has to number anew.</summary>
    public static IEnumerable<FieldError> OfListStatus(ObjectOperation operation)
    {
        var (status, old) = (operation.Object.Map("status") ?? [], operation.Old?.Map("status") ?? []);
        if (old.Number("number") is not { } before || status.Text("crl") == old.Text("crl"))
            return [];
        return status.Number("number") is { } number && number > before ? []
            : [FieldError.Invalid("status.number", GoText.Value(status["number"]), $"must be higher than {before}, the number of the list before")];
    }

    private static IEnumerable<FieldError> OfChange(JsonObject spec, JsonObject old, DateTimeOffset now)
    {
        foreach (var field in Fixed.Where(field => !JsonNode.DeepEquals(spec[field], old[field])))
            yield return FieldError.Invalid($"spec.{field}", GoText.Value(spec[field]), "field is immutable");
        if (spec.Text("notAfter") != old.Text("notAfter"))
        {
            if (old.ContainsKey("notAfter"))
                yield return FieldError.Invalid("spec.notAfter", GoText.Value(spec["notAfter"]), "field is immutable");
            else if (spec.Time("notAfter") is not { } end || end <= now)
                yield return FieldError.Invalid("spec.notAfter", GoText.Value(spec["notAfter"]), "must lie in the future, where it was not given before");
        }

        if (spec.Text("reason") != old.Text("reason") && old.Text("reason") != RevocationDefinitions.Hold)
        {
            yield return FieldError.Invalid(
                "spec.reason", GoText.Quote(spec.Text("reason")),
                $"the certificate was revoked for good ({old.Text("reason")}); only a hold may be changed");
        }
    }

    private static IEnumerable<FieldError> OfKeyId(string keyId) =>
        keyId.Length is > 0 and <= 2 * AuthorityKeyId.LongestBytes && keyId.Length % 2 == 0 && keyId.All(char.IsAsciiHexDigitLower) ? []
            : [FieldError.Invalid("spec.authority.keyId", GoText.Quote(keyId), $"must be 1 to {AuthorityKeyId.LongestBytes} bytes in hexadecimal digits")];

    private static IEnumerable<FieldError> OfSerial(string serial) => RevocationStrategy.CanonicalSerial(serial) == serial ? []
        : [FieldError.Invalid("spec.serialNumber", GoText.Quote(serial), "must be 1 to 64 hexadecimal digits")];

    private static string? WhatIsWrong(string pem, string keyId)
    {
        try
        {
            return AuthorityKeyId.Of(Certificate.FromPem(pem)) == keyId ? null : "must have the authority's key";
        }
        catch (PkiFormatException fault)
        {
            return fault.Message;
        }
    }
}
