// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Controllers.Definitions;

/// <summary>certificates.k8s.io/v1 CertificateSigningRequest with its subresources <c>approval</c> and <c>status</c>.</summary>
internal static class CertificateSigningRequestDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "certificates.k8s.io",
        Version = "v1",
        Kind = "CertificateSigningRequest",
        Plural = "certificatesigningrequests",
        ShortNames = ["csr"],
        Scope = ResourceScope.Cluster,
        SchemaName = "io.k8s.api.certificates.v1.CertificateSigningRequest",
        Columns = SecurityColumns.CertificateSigningRequests,
        SelectableFields = [new("spec.signerName", request => request.Map("spec")?.Text("signerName") ?? "")],
        ValidateName = NameRules.PathSegment,
        PrepareForCreate = RequestStrategy.PrepareForCreate,
        PrepareForUpdate = RequestStrategy.PrepareForUpdate,
        Validate = operation => operation.Old is null
            ? RequestValidation.Create(operation) : RequestValidation.Update(operation),
        ValidatingAdmission = [OnCreate(SignerAdmission.Subject)],
        Subresources =
        [
            new Subresource
            {
                Name = "approval",
                PrepareForUpdate = RequestStrategy.PrepareForApproval,
                Validate = RequestValidation.Approval,
                ValidatingAdmission = [SignerAdmission.Approval],
            },
            new Subresource
            {
                Name = "status",
                PrepareForUpdate = RequestStrategy.PrepareForStatus,
                Validate = RequestValidation.Status,
                ValidatingAdmission = [SignerAdmission.Signing],
            },
        ],
    };

    private static Action<ObjectOperation> OnCreate(Action<ObjectOperation> check) => operation =>
    {
        if (operation.Verb == "create")
            check(operation);
    };
}
