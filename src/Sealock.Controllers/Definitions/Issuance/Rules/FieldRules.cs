// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>Rules on fields that several kinds of issuance have.</summary>
internal static class FieldRules
{
    /// <summary>The API group of the issuers that are served here.</summary>
    public const string Group = "cert-manager.io";


    /// <summary>The issuer that is referred to.</summary>
    public static IEnumerable<FieldError> IssuerReference(JsonObject spec, FieldPath path)
    {
        var reference = spec.Map("issuerRef") ?? [];
        path = path.Child("issuerRef");
        if (reference.Text("name").Length == 0)
            yield return path.Child("name").Required("must be specified");
        var (group, kind) = (reference.Text("group"), reference.Text("kind"));
        if (group is not ("" or Group) || kind is "" or "Issuer" or "ClusterIssuer")
            yield break;
        var hint = group.Length == 0 ? $" (did you forget to set {path.Child("group")}?)" : "";
        yield return path.Child("kind").Invalid(kind, "must be one of Issuer or ClusterIssuer" + hint);
    }

    /// <summary>A Secret's name and key, both of which must be named.</summary>
    public static IEnumerable<FieldError> SecretKey(JsonObject? selector, FieldPath path)
    {
        if ((selector?.Text("name") ?? "").Length == 0)
            yield return path.Child("name").Required("secret name is required");
        if ((selector?.Text("key") ?? "").Length == 0)
            yield return path.Child("key").Required("secret key is required");
    }

    /// <summary>A bundle of CAs, where it is set: at least one certificate.</summary>
    public static IEnumerable<FieldError> CaBundle(JsonObject owner, FieldPath path)
    {
        if (owner.Text("caBundle").Length > 0 && !HoldsCertificate(owner.Bytes("caBundle") ?? []))
            yield return path.Child("caBundle").Invalid("", "cert bundle didn't contain any valid certificates");
    }

    /// <summary>A field that must not be empty.</summary>
    public static IEnumerable<FieldError> Required(JsonObject owner, string name, FieldPath path, string detail = "") =>
        owner.Text(name).Length == 0 ? [path.Child(name).Required(detail)] : [];

    /// <summary>
    /// A duration as Go's time.ParseDuration reads it; null where the field is absent. What is none is told by
    /// <paramref name="errors"/>.
    /// </summary>
    public static TimeSpan? Duration(JsonObject owner, string name, FieldPath path, ICollection<FieldError> errors)
    {
        if (!owner.Has(name))
            return null;
        var text = owner.Text(name);
        // Days are ours alone: what is stored must be read by cert-manager's own clients too.
        if (!text.Contains('d', StringComparison.Ordinal) && GoDuration.TryParse(text, out var duration))
            return duration;
        errors.Add(path.Child(name).Invalid(text, "must be a duration such as 2160h or 30m"));
        return null;
    }

    /// <summary>An IP address as Go reads it: no short forms, no leading zeros, no zone.</summary>
    public static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !text.AsSpan().ContainsAny('%', '[', ']') &&
        (text.Contains(':', StringComparison.Ordinal) || address.ToString() == text);

    private static bool HoldsCertificate(byte[] pem)
    {
        try
        {
            return PemDocument.Parse(Encoding.UTF8.GetString(pem)).Blocks
                .Any(block => block.Label == PemLabels.Certificate && IsCertificate(block));
        }
        catch (PkiFormatException)
        {
            return false;
        }
    }

    private static bool IsCertificate(PemBlock block)
    {
        try
        {
            Certificate.Parse(block.Content);
            return true;
        }
        catch (PkiFormatException)
        {
            return false;
        }
    }
}
