// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.HowTos;

/// <summary>The openssl commands of two widely copied how-to pages, as readers paste them, only the paths changed.</summary>
internal static class OpenSslFiles
{
    /// <summary>
    /// One master and its minions, with CA, server and client certificates for 10,000 days, X.509 version 1 for the
    /// minions, and a token file.
    /// </summary>
    public const string MasterAndMinions =
        """
        openssl genrsa -out srv/ca.key 4096
        openssl req -x509 -new -nodes \
          -key srv/ca.key \
          -subj "/CN=kubemaster" -days 10000 \
          -out srv/ca.crt
        openssl genrsa -out srv/server.key 2048
        cat /etc/ssl/openssl.cnf \
          <(printf "[SAN]\nsubjectAltName='DNS.1:kubernetes.default.svc,DNS.2:kubemaster,IP.1:10.24.0.1'") \
          > openssl.cnf
        openssl req \
          -new -key srv/server.key \
          -subj "/CN=kubernetes.default.svc" \
          -reqexts SAN \
          -config openssl.cnf \
          -out srv/server.csr
        openssl x509 -req -in srv/server.csr \
          -CA srv/ca.crt -CAkey srv/ca.key \
          -CAcreateserial \
          -extensions SAN -extfile openssl.cnf \
          -days 10000 -out srv/server.crt
        openssl x509 -noout -text -in srv/server.crt > /dev/null
        chmod 600 srv/*
        TOKEN=$(dd if=/dev/urandom bs=128 count=1 2>/dev/null \
          | base64 |tr -d '=+/' |dd bs=32 count=1 2>/dev/null)
        echo "${TOKEN},kubelet,kubelet" | \
          tee srv/tokens.csv > /dev/null
        echo "${TOKEN}" > token
        MINIONS=$(echo kubeminion{1,2,3,4})
        for MINION in $MINIONS; do \
          openssl req -newkey rsa:2048 -nodes -keyout \
            srv/${MINION}.key -subj "/CN=${MINION}" -out \
            srv/${MINION}.csr; \
          openssl x509 -req -days 10000 \
            -in srv/${MINION}.csr \
            -CA srv/ca.crt -CAkey srv/ca.key \
            -CAcreateserial -out srv/${MINION}.crt; \
        done
        chmod 600 srv/*
        """;

    /// <summary>A CA and client certificates made with <c>openssl x509 -req</c>, which copies no extensions.</summary>
    public const string CaAndClients =
        """
        openssl genrsa -out ca.key 2048
        openssl req -new -key ca.key -subj "/CN=KUBERNETES-CA" -out ca.csr
        openssl x509 -req -in ca.csr -signkey ca.key -out ca.crt
        openssl genrsa -out admin.key 2048
        openssl req -new -key admin.key -subj "/CN=kube-admin/O=system:master" -out admin.csr
        openssl x509 -req -in admin.csr -CA ca.crt -CAkey ca.key -out admin.crt
        openssl genrsa -out apiserver.key 2048
        """;

    /// <summary>
    /// The same page's certificate of the API server. Its configuration is corrected where openssl itself refuses it
    /// (a misspelt subjectAltName, a trailing comma), and its key is, as printed there, the administrator's.
    /// </summary>
    public const string ApiServer =
        """
        cat > openssl.cnf <<'EOF'
        [ req ]
        req_extensions = v3_req

        [v3_req]
        basicConstraints = CA:FALSE
        keyUsage = nonRepudiation
        subjectAltName = @alt_names

        [alt_names]
        DNS.1 = kubernetes
        DNS.2 = kubernetes.default
        DNS.3 = kubernetes.default.svc
        DNS.4 = kubernetes.default.svc.cluster.local
        IP.1 =  10.23.45.61
        IP.2 = 172.16.1.88
        EOF
        openssl req -new -key admin.key -subj \
            "/CN=kube-apiserver" -out apiserver.csr \
            -config openssl.cnf
        openssl x509 -req -in apiserver.csr \
            -CA ca.crt -CAkey ca.key -out apiserver.crt
        """;
}
