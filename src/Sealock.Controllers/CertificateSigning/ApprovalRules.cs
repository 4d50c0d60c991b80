// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>A right that approves a request for whoever has it, and what the approval then says.</summary>
internal sealed record ApprovalRight(string Subresource, string Message);

/// <summary>Which requests may be approved without a human, as pure decisions.</summary>
internal static class ApprovalRules
{
    /// <summary>Prefix of a node's user name.</summary>
    public const string NodePrefix = "system:node:";

    private static readonly ApprovalRight SelfNode = new(
        "selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.");

    private static readonly ApprovalRight AnyNode = new(
        "nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.");

    /// <summary>
    /// The rights of which the requester must have one, in the order of asking; empty for a request that is left to
    /// humans.
    /// </summary>
    public static IReadOnlyList<ApprovalRight> RightsFor(RequestView request, RequestContents contents)
    {
        if (request.Spec.SignerName != SignerNames.KubeApiServerClientKubelet ||
            SignerRules.Refuse(request.Spec.SignerName, contents, request.Spec.Usages) is not null)
            return [];
        return request.Spec.Username == contents.CommonName ? [SelfNode, AnyNode] : [AnyNode];
    }

    /// <summary>
    /// The node for which a serving certificate is asked for; null where the request is no kubelet's about itself, and
    /// then is left to humans.
    /// </summary>
    public static string? ServingNode(RequestView request, RequestContents contents) =>
        request.Spec.SignerName == SignerNames.KubeletServing &&
        SignerRules.Refuse(request.Spec.SignerName, contents, request.Spec.Usages) is null &&
        request.Spec.Username == contents.CommonName &&
        request.Spec.Groups.Contains("system:nodes")
            ? contents.CommonName[NodePrefix.Length..] : null;

    /// <summary>Why the names of a serving certificate are not all addresses of the node, or null.</summary>
    public static string? RefuseNames(RequestContents contents, NodeView node)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var addresses = new HashSet<IPAddress>();
        foreach (var address in node.Status.Addresses)
        {
            switch (address.Type)
            {
                case "Hostname" or "InternalDNS" or "ExternalDNS":
                    names.Add(address.Address);
                    break;
                case "InternalIP" or "ExternalIP" when IPAddress.TryParse(address.Address, out var parsed):
                    addresses.Add(parsed);
                    break;
            }
        }

        string[] foreign =
        [
            .. contents.DnsNames.Where(name => !names.Contains(name)),
            .. contents.IpAddresses.Where(address => !addresses.Contains(address)).Select(address => address.ToString()),
        ];
        return foreign.Length == 0
            ? null
            : $"not addresses of node {node.Metadata.Name} (status.addresses): {string.Join(", ", foreign)}";
    }
}
