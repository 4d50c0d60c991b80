// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Definitions;
using Sealock.Api.OpenApi;
using Sealock.Api.Schemas;

namespace Sealock.Tests.OpenApi;

internal static class SampleResources
{
    public static SchemaCatalog Catalog { get; } = SchemaCatalog.Kubernetes.With([new("dev.example.v1.Widget",
        Encoding.UTF8.GetBytes("""
        {"type":"object","description":"A widget.","properties":{"spec":{"type":"object","required":["size"],
          "properties":{
          "size":{"type":"integer","minimum":1,"nullable":true,"default":1},
          "port":{"x-kubernetes-int-or-string":true},
          "map":{"type":"object","additionalProperties":{"type":"string"}},
          "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}
        """))]);

    public static IReadOnlyList<ResourceDefinition> All { get; } =
    [
        Core("Namespace", "namespaces", ResourceScope.Cluster),
        Core("Secret", "secrets", ResourceScope.Namespaced),
        Core("Pod", "pods", ResourceScope.Namespaced) with { Subresources = [new Subresource { Name = "status" }] },
        Core("ServiceAccount", "serviceaccounts", ResourceScope.Namespaced) with
        {
            Subresources =
            [
                new Subresource
                {
                    Name = "token", Verbs = ["create"], Group = "authentication.k8s.io", Version = "v1",
                    Kind = "TokenRequest",
                    SchemaName = "io.k8s.api.authentication.v1.TokenRequest",
                },
            ],
        },
        new ResourceDefinition
        {
            Group = "certificates.k8s.io", Version = "v1", Kind = "CertificateSigningRequest",
            Plural = "certificatesigningrequests", Scope = ResourceScope.Cluster,
            SchemaName = "io.k8s.api.certificates.v1.CertificateSigningRequest", ShortNames = ["csr"],
            Subresources = [new Subresource { Name = "approval" }, new Subresource { Name = "status" }],
        },
        new ResourceDefinition
        {
            Group = "authorization.k8s.io", Version = "v1", Kind = "SubjectAccessReview",
            Plural = "subjectaccessreviews", Scope = ResourceScope.Cluster,
            SchemaName = "io.k8s.api.authorization.v1.SubjectAccessReview", Verbs = ["create"],
        },
        new ResourceDefinition
        {
            Group = "example.dev", Version = "v1", Kind = "Widget", Plural = "widgets",
            Scope = ResourceScope.Namespaced, SchemaName = "dev.example.v1.Widget",
        },
    ];

    public static OpenApiDocuments Documents { get; } = new(All, Catalog, "v1.36.4");

    private static ResourceDefinition Core(string kind, string plural, ResourceScope scope) => new()
    {
        Group = "",
        Version = "v1",
        Kind = kind,
        Plural = plural,
        Scope = scope,
        SchemaName = "io.k8s.api.core.v1." + kind,
    };
}
