// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Revocation.Definitions;

/// <summary>
/// How a CertificateRevocation is brought into its one form, and when it may be taken back: a hold at any time, what
/// is final only once the certificate has expired.
/// </summary>
internal static class RevocationStrategy
{
    /// <summary>Numbers in one form, so that an object's name follows from them; revoked now where nothing is said.</summary>
    public static void PrepareForCreate(ObjectOperation operation)
    {
        CustomResourceStrategy.PrepareForCreate(operation);
        if (operation.Object.Map("spec") is not { } spec)
            return;
        if (spec.Map("authority") is { } authority && authority.Text("keyId") is { Length: > 0 } keyId)
            authority["keyId"] = Plain(keyId);
        if (spec.Text("serialNumber") is { Length: > 0 } serial)
            spec["serialNumber"] = CanonicalSerial(serial) ?? serial;
        if (!spec.ContainsKey("revokedAt"))
            spec["revokedAt"] = ObjectFields.Rfc3339(operation.Now);
        if (!spec.ContainsKey("notAfter") && EndOfAuthority(operation, spec) is { } end)
            spec["notAfter"] = ObjectFields.Rfc3339(end);
    }

    public static void PrepareForUpdate(ObjectOperation operation) => CustomResourceStrategy.PrepareForUpdate(operation);

    /// <summary>Nothing final is undone by a deletion, by accident or not.</summary>
    /// <exception cref="ApiException">403.</exception>
    public static bool PrepareForDelete(ObjectOperation operation)
    {
        if (WhyNotDeletable(operation.Object, operation.Now) is { } reason)
            throw ApiException.Forbidden(RevocationDefinitions.Group, RevocationDefinitions.Certificates, operation.Name, reason);
        return false;
    }

    /// <summary>A serial number in lower-case hexadecimal without surplus zeros; null where it is none.</summary>
    public static string? CanonicalSerial(string text) => ReadSerial(text) is { } serial ? RevocationDefinitions.TextOf(serial) : null;

    /// <summary>A serial number; null where the text is none.</summary>
    public static SerialNumber? ReadSerial(string text)
    {
        try
        {
            return SerialNumber.Parse(text);
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    /// <summary>A certificate is good for nothing when its CA's is not: that bounds how long it has to stay revoked.</summary>
    private static DateTimeOffset? EndOfAuthority(ObjectOperation operation, JsonObject spec)
    {
        var keyId = spec.Map("authority")?.Text("keyId") ?? "";
        var list = operation.Objects.Find(RevocationDefinitions.Group, RevocationDefinitions.Lists, "", keyId);
        try
        {
            return list?.Map("spec")?.Text("certificate") is { Length: > 0 } pem ? Certificate.FromPem(pem).NotAfter : null;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    private static string? WhyNotDeletable(JsonObject @object, DateTimeOffset now)
    {
        var spec = @object.Map("spec") ?? [];
        if (spec.Text("reason") == RevocationDefinitions.Hold || spec.Time("notAfter") < now)
            return null;
        return $"the certificate was revoked for good ({spec.Text("reason")}), which cannot be undone; the object goes "
            + (spec.Time("notAfter") is { } end
                ? $"by itself after {ObjectFields.Rfc3339(end)}, when the certificate has expired"
                : "a day after spec.notAfter, once that is given");
    }

    private static string Plain(string hex) => hex.Replace(":", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
}
