// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>The field <c>vault</c> of issuers: kept as it is written, for objects that come from cert-manager.</summary>
internal static class VaultSchema
{
    public static JsonObject Create() => Object(
        "HashiCorp Vault. Not issued from here; another controller may.",
        ("server!", Text("URL of the server.")),
        ("serverName", Text("Name by which the server is verified.")),
        ("path!", Text("Path of the endpoint that signs, such as pki/sign/role.")),
        ("namespace", Text("Namespace in Vault.")),
        ("caBundle", Bytes("CAs in PEM by which the server is verified.")),
        ("caBundleSecretRef", SecretKey("Where such CAs stand.")),
        ("clientCertSecretRef", SecretKey("Where a client certificate stands.")),
        ("clientKeySecretRef", SecretKey("Where its key stands.")),
        ("auth!", Object(
            "How to authenticate: the first field that is set.",
            ("tokenSecretRef", SecretKey("Where a token stands.")),
            ("appRole", Object(
                "AppRole.",
                ("path!", Text("Where it is mounted.")),
                ("roleId!", Text("The role's id.")),
                ("secretRef!", SecretKey("Where the role's secret stands.")))),
            ("clientCertificate", Object(
                "A client certificate.",
                ("mountPath", Text("Where the method is mounted.")),
                ("name", Text("The role.")),
                ("secretName", Text("Secret with certificate and key.")))),
            ("kubernetes", Object(
                "A service account.",
                ("role!", Text("The role.")),
                ("mountPath", Text("Where the method is mounted.")),
                ("secretRef", SecretKey("Where the service account's token stands.")),
                ("serviceAccountRef", DnsSolverSchema.ServiceAccount()))),
            ("aws", Object(
                "AWS IAM.",
                ("role!", Text("The role.")),
                ("mountPath", Text("Where the method is mounted.")),
                ("region", Text("The region.")),
                ("iamRoleArn", Text("IAM role of the service account.")),
                ("vaultHeaderValue", Text("Value of the header X-Vault-AWS-IAM-Server-ID.")),
                ("serviceAccountRef", DnsSolverSchema.ServiceAccount()))))));
}
