// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>What an Issuer or a ClusterIssuer may say: one way of issuing, completely.</summary>
internal static class IssuerRules
{
    private static readonly FieldPath Path = new("spec");

    private static readonly (string Name, Func<JsonObject, FieldPath, IEnumerable<FieldError>> Check)[] Kinds =
    [
        ("acme", AcmeIssuerRules.Check),
        ("ca", Authority),
        ("selfSigned", (_, _) => []),
        ("vault", VaultRules.Check),
        ("venafi", VenafiRules.Check),
    ];

    /// <summary>What is wrong with an issuer.</summary>
    public static IEnumerable<FieldError> Check(JsonObject issuer)
    {
        var spec = issuer.Map("spec") ?? [];
        var configured = Kinds.Where(kind => spec.Map(kind.Name) is not null).ToList();
        return configured is [var first, .. var others]
            ?
            [
                .. first.Check(spec.Map(first.Name) ?? [], Path.Child(first.Name)),
                .. others.Select(kind => Path.Child(kind.Name).Forbidden("may not specify more than one issuer type")),
            ]
            : [Path.Required("at least one issuer must be configured")];
    }

    /// <summary>Tells what is accepted and has no effect.</summary>
    public static void Warn(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        foreach (var name in (ReadOnlySpan<string>)["vault", "venafi"])
        {
            if (spec.Has(name))
                operation.Warnings.Add($"spec.{name}: sealock does not issue through {name}; certificates of this issuer stay pending");
        }

        if (spec.Map("acme")?.Map("externalAccountBinding")?.Has("keyAlgorithm") == true)
        {
            operation.Warnings.Add(
                "spec.acme.externalAccountBinding.keyAlgorithm: has no effect, the algorithm is always HS256");
        }
    }

    private static IEnumerable<FieldError> Authority(JsonObject ca, FieldPath path) =>
    [
        .. FieldRules.Required(ca, "secretName", path),
        .. Empty(ca, "ocspServers", path),
        .. Empty(ca, "issuingCertificateURLs", path),
    ];

    private static IEnumerable<FieldError> Empty(JsonObject ca, string name, FieldPath path) => ca.Texts(name).Index()
        .Where(url => url.Item.Length == 0)
        .Select(url => path.Child(name).Index(url.Index).Invalid("", "must be a valid URL"));
}
