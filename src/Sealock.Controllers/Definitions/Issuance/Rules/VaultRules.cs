// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>The field <c>vault</c> of issuers.</summary>
internal static class VaultRules
{
    private const string Methods = "please supply one of: appRole, kubernetes, tokenSecretRef, clientCertificate, aws";

    public static IEnumerable<FieldError> Check(JsonObject vault, FieldPath path)
    {
        var (certificate, key) = (vault.Has("clientCertSecretRef"), vault.Has("clientKeySecretRef"));
        return
        [
            .. FieldRules.Required(vault, "server", path),
            .. FieldRules.Required(vault, "path", path),
            .. MountPath(vault, "path", path),
            .. FieldRules.CaBundle(vault, path),
            .. vault.Text("caBundle").Length > 0 && vault.Has("caBundleSecretRef")
                ? [path.Child("caBundle").Invalid("<snip>", "specified caBundle and caBundleSecretRef cannot be used together")]
                : Array.Empty<FieldError>(),
            .. certificate && !key
                ? [path.Child("clientKeySecretRef").Invalid("<snip>", "clientKeySecretRef must be provided when defining the clientCertSecretRef")]
                : Array.Empty<FieldError>(),
            .. key && !certificate
                ? [path.Child("clientCertSecretRef").Invalid("<snip>", "clientCertSecretRef must be provided when defining the clientKeySecretRef")]
                : Array.Empty<FieldError>(),
            .. Authentication(vault.Map("auth") ?? [], path.Child("auth")),
        ];
    }

    private static IEnumerable<FieldError> Authentication(JsonObject auth, FieldPath path) =>
    [
        .. auth.Map("appRole") is { } role
            ?
            [
                .. FieldRules.Required(role, "roleId", path.Child("appRole")),
                .. FieldRules.Required(role.Map("secretRef") ?? [], "name", path.Child("appRole", "secretRef")),
                .. MountPath(role, "path", path.Child("appRole")),
            ]
            : Array.Empty<FieldError>(),
        .. auth.Map("clientCertificate") is { } certificate
            ? MountPath(certificate, "mountPath", path.Child("clientCertificate")) : [],
        .. auth.Map("kubernetes") is { } kubernetes ? Kubernetes(kubernetes, path.Child("kubernetes")) : [],
        .. auth.Map("aws") is { } aws ? Aws(aws, path.Child("aws")) : [],
        .. auth.Any(field => field.Value is JsonObject) ? Array.Empty<FieldError>() : [path.Required(Methods)],
    ];

    private static IEnumerable<FieldError> Kubernetes(JsonObject kubernetes, FieldPath path)
    {
        var secret = (kubernetes.Map("secretRef")?.Text("name") ?? "").Length > 0;
        var account = kubernetes.Map("serviceAccountRef");
        return
        [
            .. FieldRules.Required(kubernetes, "role", path),
            .. MountPath(kubernetes, "mountPath", path),
            .. account is null ? [] : FieldRules.Required(account, "name", path.Child("serviceAccountRef")),
            .. (secret, account) switch
            {
                (false, null) => [path.Required("please supply one of: secretRef, serviceAccountRef")],
                (true, { }) => [path.Forbidden("please supply one of: secretRef, serviceAccountRef")],
                _ => Array.Empty<FieldError>(),
            },
        ];
    }

    private static IEnumerable<FieldError> Aws(JsonObject aws, FieldPath path) =>
    [
        .. FieldRules.Required(aws, "role", path),
        .. MountPath(aws, "mountPath", path),
        .. aws.Map("serviceAccountRef") is { } account
            ?
            [
                .. FieldRules.Required(account, "name", path.Child("serviceAccountRef")),
                .. FieldRules.Required(aws, "iamRoleArn", path, "iamRoleArn is required when using serviceAccountRef for IRSA"),
            ]
            : Array.Empty<FieldError>(),
    ];

    private static IEnumerable<FieldError> MountPath(JsonObject owner, string name, FieldPath path) =>
        owner.Text(name).Split('/').Contains("..")
            ? [path.Child(name).Invalid(owner.Text(name), "must not contain '..' path segments")] : [];
}
