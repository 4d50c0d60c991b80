// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// The admission checks of the Certificates API: whoever approves, signs or attests needs the verb on the (virtual)
/// resource <c>signers</c>, by the signer's name or by <c>domain/*</c>; and nobody asks for <c>system:masters</c>.
/// </summary>
internal static class SignerAdmission
{
    private const string Group = "certificates.k8s.io";
    private const string Requests = "certificatesigningrequests";
    private const string Masters = WellKnownGroups.Masters;

    /// <summary>Plugin CertificateApproval: on every update of <c>/approval</c>, asked for the stored signer name.</summary>
    public static void Approval(ObjectOperation operation)
    {
        var signerName = SignerName(operation.Old ?? operation.Object);
        if (!MayUse(operation, "approve", signerName))
        {
            throw Forbidden(operation, Requests,
                $"user not permitted to approve requests with signerName {GoText.Quote(signerName)}");
        }
    }

    /// <summary>Plugin CertificateSigning: on updates of <c>/status</c> that change certificate or conditions.</summary>
    public static void Signing(ObjectOperation operation)
    {
        var old = operation.Old ?? [];
        if ((operation.Object.Map("status")?.Text("certificate") ?? "") == (old.Map("status")?.Text("certificate") ?? "") &&
            RequestCondition.Of(operation.Object).SequenceEqual(RequestCondition.Of(old)))
            return;
        var signerName = SignerName(old);
        if (!MayUse(operation, "sign", signerName))
        {
            throw Forbidden(operation, Requests,
                $"user not permitted to sign requests with signerName {GoText.Quote(signerName)}");
        }
    }

    /// <summary>Plugin CertificateSubjectRestriction: no client certificate with O=system:masters.</summary>
    public static void Subject(ObjectOperation operation)
    {
        if (SignerName(operation.Object) != SignerNames.KubeApiServerClient)
            return;
        var bytes = operation.Object.Map("spec")?.Bytes("request") ?? [];
        if (RequestParsing.TryRead(bytes, out var request) && request.Organizations.Contains(Masters))
        {
            throw Forbidden(operation, Requests,
                $"use of {SignerNames.KubeApiServerClient} signer with {Masters} group is not allowed");
        }
    }

    /// <summary>Plugin ClusterTrustBundleAttest: on creation and on updates of more than owners and finalizers.</summary>
    public static void Attestation(ObjectOperation operation)
    {
        var signerName = SignerName(operation.Object);
        if (signerName.Length == 0 || (operation.Old is { } old && ChangesOnlyOwnership(operation.Object, old)))
            return;
        if (!MayUse(operation, "attest", signerName))
        {
            throw Forbidden(operation, "clustertrustbundles",
                $"user not permitted to attest for signerName {GoText.Quote(signerName)}");
        }
    }

    private static bool MayUse(ObjectOperation operation, string verb, string signerName) =>
        Allows(operation, verb, signerName) || Allows(operation, verb, signerName.Split('/')[0] + "/*");

    private static bool Allows(ObjectOperation operation, string verb, string name) =>
        operation.Authorizer.Authorize(new AccessQuestion
        {
            User = operation.User,
            Verb = verb,
            IsResource = true,
            Group = Group,
            Version = "*",
            Resource = "signers",
            Name = name,
        }).Allowed;

    private static bool ChangesOnlyOwnership(JsonObject current, JsonObject old) =>
        JsonNode.DeepEquals(WithoutOwnership(current), WithoutOwnership(old));

    private static JsonObject WithoutOwnership(JsonObject @object)
    {
        var copy = @object.DeepClone().AsObject();
        if (copy.Map("metadata") is { } metadata)
        {
            foreach (var name in (ReadOnlySpan<string>)["ownerReferences", "finalizers", "managedFields", "resourceVersion"])
                metadata.Remove(name);
        }

        return copy;
    }

    private static string SignerName(JsonObject @object) => @object.Map("spec")?.Text("signerName") ?? "";

    private static ApiException Forbidden(ObjectOperation operation, string resource, string why) =>
        ApiException.Forbidden(Group, resource, operation.Name, why);
}
