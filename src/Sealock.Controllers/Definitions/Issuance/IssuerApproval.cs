// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Controllers.Definitions.Issuance;

/// <summary>
/// Who may approve or deny a CertificateRequest: whoever has the verb <c>approve</c> on the (virtual) resource
/// <c>signers</c> of cert-manager.io, by the issuer's name (<c>issuers.cert-manager.io/NAMESPACE.NAME</c>,
/// <c>clusterissuers.cert-manager.io/NAME</c>) or by <c>issuers.cert-manager.io/*</c>.
/// </summary>
internal static class IssuerApproval
{
    private const string Group = "cert-manager.io";

    /// <summary>Asked where a decision is added; that none is changed later is a matter of validation.</summary>
    /// <exception cref="ApiException">403: the user may not decide on this issuer's requests.</exception>
    public static void Check(ObjectOperation operation)
    {
        if (!AddsDecision(operation.Object, operation.Old ?? []))
            return;
        var reference = operation.Object.Map("spec")?.Map("issuerRef") ?? [];
        if (SignerNames(reference, operation.Namespace).Any(name => MayApprove(operation, name)))
            return;
        throw ApiException.Forbidden(
            Group, "certificaterequests", operation.Name,
            $"user {GoText.Quote(operation.User.Name)} does not have permissions to set approved/denied conditions for issuer "
            + $"{Described(reference)}");
    }

    private static bool AddsDecision(JsonObject current, JsonObject old) => RequestCondition.Decisions.Any(type =>
        RequestCondition.Of(current).Any(condition => condition.Type == type) &&
        RequestCondition.Of(old).All(condition => condition.Type != type));

    /// <summary>
    /// The names of a signer. Of issuers in other groups nothing is known here but what the reference says: their resource
    /// is taken to be the kind's usual plural, and of the cluster if the kind's name says so.
    /// </summary>
    private static string[] SignerNames(JsonObject reference, string @namespace)
    {
        var kind = Or(reference.Text("kind"), "Issuer");
        var resource = $"{kind.ToLowerInvariant()}s.{Or(reference.Text("group"), Group)}";
        var scope = kind.Contains("Cluster", StringComparison.Ordinal) ? "" : @namespace + ".";
        return [$"{resource}/*", $"{resource}/{scope}{reference.Text("name")}"];
    }

    private static bool MayApprove(ObjectOperation operation, string signerName) =>
        operation.Authorizer.Authorize(new AccessQuestion
        {
            User = operation.User,
            Verb = "approve",
            IsResource = true,
            Group = Group,
            Version = "*",
            Resource = "signers",
            Name = signerName,
        }).Allowed;

    private static string Described(JsonObject reference) =>
        $"{{{reference.Text("name")} {Or(reference.Text("kind"), "Issuer")} {Or(reference.Text("group"), Group)}}}";

    private static string Or(string text, string other) => text.Length > 0 ? text : other;
}
