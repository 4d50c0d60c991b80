// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Tables;

namespace Sealock.Controllers.Definitions;

/// <summary>certificates.k8s.io ClusterTrustBundle, in a version.</summary>
internal static class ClusterTrustBundleDefinition
{
    public static ResourceDefinition InVersion(string version) => new()
    {
        Group = "certificates.k8s.io",
        Version = version,
        Kind = "ClusterTrustBundle",
        Plural = "clustertrustbundles",
        Scope = ResourceScope.Cluster,
        SchemaName = $"io.k8s.api.certificates.{version}.ClusterTrustBundle",
        Columns = SecurityColumns.ClusterTrustBundles,
        SelectableFields = [new("spec.signerName", bundle => bundle.Map("spec")?.Text("signerName") ?? "")],
        ValidateName = _ => [],
        Validate = TrustBundleValidation.Validate,
        ValidatingAdmission = [OnWrite(SignerAdmission.Attestation)],
    };

    private static Action<ObjectOperation> OnWrite(Action<ObjectOperation> check) => operation =>
    {
        if (operation.Verb is "create" or "update")
            check(operation);
    };
}
