// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>A solver of ACME challenges.</summary>
internal static class SolverSchema
{
    private const string Core = "io.k8s.api.core.v1.";

    public static JsonObject Create() => Object(
        "A way to show control of names: exactly one of http01, dns01, tlsALPN01.",
        ("selector", Object(
            "The names that it is used for; the solver with the narrowest wins. Left out: all.",
            ("dnsNames", Texts("These names.")),
            ("dnsZones", Texts("Names below these domains.")),
            ("matchLabels", Map("Names of Certificates with these labels.")))),
        ("http01", Object(
            "By an answer on port 80.",
            ("ingress", Ingress()),
            ("gatewayHTTPRoute", HttpRoute()))),
        ("dns01", DnsSolverSchema.Create()),
        ("tlsALPN01", Object("By a certificate on port 443 (RFC 8737), shown by this server's own listener.")),
        ("waitInsteadOfSelfCheck", Text("Time to wait before the ACME server is asked to look, instead of looking first from here.")));

    private static JsonObject Ingress() => Object(
        "Routed by Ingresses, where the port is not this server's own.",
        ("ingressClassName", Text("Class of the Ingresses that are made.")),
        ("class", Text("The same, as the annotation kubernetes.io/ingress.class.")),
        ("name", Text("An Ingress that is there, to which the route is added.")),
        ("serviceType", Text("Type of the Service behind it: ClusterIP or NodePort (the usual).")),
        ("podTemplate", PodTemplate()),
        ("ingressTemplate", Object("What the Ingresses look like.", ("metadata", Decoration("Their labels and annotations.")))));

    private static JsonObject HttpRoute() => Object(
        "Routed by HTTPRoutes of the Gateway API.",
        ("parentRefs", List("The Gateways that they belong to.", Object(
            "A Gateway, or another parent of routes.",
            ("name!", Text("Its name.").With("minLength", 1).With("maxLength", 253)),
            ("namespace", Text("Its namespace; the route's own where it is left out.").With("minLength", 1).With("maxLength", 63)),
            ("kind", Text("Its kind; Gateway where it is left out.").With("minLength", 1).With("maxLength", 63)),
            ("group", Text("Its API group; gateway.networking.k8s.io where it is left out.").With("maxLength", 253)),
            ("sectionName", Text("One of its listeners.").With("minLength", 1).With("maxLength", 253)),
            ("port", Small("One of its ports.").With("minimum", 1).With("maximum", 65535))))),
        ("labels", Map("Labels of the routes.")),
        ("serviceType", Text("Type of the Service behind it: ClusterIP or NodePort (the usual).")),
        ("podTemplate", PodTemplate()));

    /// <summary>For cert-manager's solver pods; where this server answers itself there are none.</summary>
    private static JsonObject PodTemplate() => Object(
        "What solver pods look like, where there are any.",
        ("metadata", Decoration("Their labels and annotations.")),
        ("spec", Object(
            "Where and how they run.",
            ("nodeSelector", Map("Labels of the nodes they may run on.")),
            ("affinity", Kubernetes(Core + "Affinity", "Which nodes they prefer.")),
            ("tolerations", List("Taints they bear.", Kubernetes(Core + "Toleration", "A toleration."))),
            ("priorityClassName", Text("Their priority class.")),
            ("serviceAccountName", Text("Their service account.")),
            ("imagePullSecrets", List("Secrets to pull images with.", Object(
                "A Secret in the same namespace.", ("name", Text("Its name."))))),
            ("resources", Object("What they need and may use.", ("limits", Quantities("At most.")), ("requests", Quantities("At least.")))),
            ("securityContext", Object(
                "What they may do.",
                ("seLinuxOptions", Kubernetes(Core + "SELinuxOptions", "SELinux labels.")),
                ("runAsUser", Number("User id.")),
                ("runAsGroup", Number("Group id.")),
                ("runAsNonRoot", Flag("Whether root is refused.")),
                ("supplementalGroups", List("Further group ids.", Number(""))),
                ("fsGroup", Number("Group id of volumes.")),
                ("sysctls", List("Kernel parameters.", Kubernetes(Core + "Sysctl", "A parameter."))),
                ("fsGroupChangePolicy", Text("When the group of volumes is changed: OnRootMismatch or Always.")),
                ("seccompProfile", Kubernetes(Core + "SeccompProfile", "System calls they may make.")))))));

    private static JsonObject Quantities(string description) => Map(description, new JsonObject
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["pattern"] = @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$",
        ["x-kubernetes-int-or-string"] = true,
    });
}
