// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>nginx, one worker for each processor, without an access log.</summary>
internal sealed class NginxTarget(string folder, int port) : AnsweringTarget("nginx", folder, port)
{
    protected override Daemon Launch(string log)
    {
        File.WriteAllText(Path.Combine(Folder, "nginx.conf"), $$"""
            daemon off;
            pid {{Folder}}/nginx.pid;
            error_log {{Folder}}/error.log;
            worker_processes auto;
            worker_rlimit_nofile 20000;
            events { worker_connections 8192; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              keepalive_timeout 300s;
              client_header_timeout 300s;
              client_body_temp_path {{Folder}}/body;
              proxy_temp_path {{Folder}}/proxy;
              fastcgi_temp_path {{Folder}}/fastcgi;
              uwsgi_temp_path {{Folder}}/uwsgi;
              scgi_temp_path {{Folder}}/scgi;
              server {
                listen 127.0.0.1:{{Port}} ssl;
                ssl_certificate {{Folder}}/server.crt;
                ssl_certificate_key {{Folder}}/server.key;
                ssl_protocols TLSv1.2 TLSv1.3;
                ssl_client_certificate {{Folder}}/ca.crt;
                ssl_verify_client optional;
                {{string.Join(' ', Headers.Select(header => $"add_header {header.Name} '{header.Value}';"))}}
                location / { default_type application/json; return 200 '{{Answer}}'; }
              }
            }
            """);
        return Daemon.Start(log, "nginx", "-c", Path.Combine(Folder, "nginx.conf"), "-e", Path.Combine(Folder, "error.log"));
    }
}
