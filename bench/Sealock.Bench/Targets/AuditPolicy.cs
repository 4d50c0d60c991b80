// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>What is audited, as <c>audit.k8s.io/v1</c> policies.</summary>
internal static class AuditPolicy
{
    /// <summary>The metadata of every request once it is answered, as in the policy of Kubernetes' documentation.</summary>
    public const string Answers = """
        {"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],"rules":[{"level":"Metadata"}]}
        """;

    /// <summary>The same, and once more when a request comes.</summary>
    public const string Everything = """
        {"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"Metadata"}]}
        """;
}
