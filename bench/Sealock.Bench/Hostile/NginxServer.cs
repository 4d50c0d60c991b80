// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Hostile;

/// <summary>
/// nginx with the same certificate, the same limits as far as it has them, and the same answers, as files. What is written it reads
/// whole and passes on, as it does in front of any server, to one of its own that takes everything.
/// </summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Daemon _daemon;

    private NginxServer(string folder, Daemon daemon) => (_folder, _daemon) = (folder, daemon);

    /// <summary>Whether it is in the path.</summary>
    public static bool IsThere { get; } = Daemon.IsThere("nginx");

    /// <summary>Its processes: master and workers.</summary>
    public IEnumerable<int> Processes => _daemon.Children.Append(_daemon.Id);

    /// <summary>Starts it.</summary>
    /// <param name="folder">Where its files are.</param>
    /// <param name="port">Its port.</param>
    /// <param name="certificate">The file of its certificate chain.</param>
    /// <param name="key">The file of its key.</param>
    /// <param name="clientCa">The file of the CA whose client certificates it asks for, as Sealock does.</param>
    /// <param name="answers">What it answers to which path.</param>
    /// <param name="upstream">The server that everything else is passed on to.</param>
    public static NginxServer Start(
        string folder, int port, string certificate, string key, string clientCa, IReadOnlyDictionary<string, byte[]> answers, IPEndPoint upstream)
    {
        Directory.CreateDirectory(folder);
        var locations = answers.Count > 0 ? "" : """
                location / {
                  proxy_pass https://upstream;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header Host localhost;
                }

            """;
        foreach (var (path, answer) in answers)
        {
            var file = Path.Combine(folder, $"answer-{locations.Length}");
            File.WriteAllBytes(file, answer);
            locations += $$"""
                    location = {{path}} {
                      error_page 418 = @write;
                      if ($request_method = POST) { return 418; }
                      alias {{file}};
                    }

                """;
        }

        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            user root;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log error;
            worker_processes auto;
            worker_rlimit_nofile 65536;
            events { worker_connections 20000; }
            http {
              access_log off;
              server_tokens off;
              default_type application/json;
              open_file_cache max=100;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              limit_conn_zone $binary_remote_addr zone=addresses:10m;
              limit_conn addresses 10000;
              client_header_timeout 30s;
              client_body_timeout 30s;
              client_max_body_size 3m;
              large_client_header_buffers 4 32k;
              keepalive_timeout 130s;
              http2_max_concurrent_streams 250;
              ssl_protocols TLSv1.2 TLSv1.3;
              ssl_ecdh_curve X25519:prime256v1;
              ssl_session_tickets on;
              upstream upstream {
                server {{upstream}};
                keepalive 64;
              }
              server {
                listen 127.0.0.1:{{port}} ssl http2 backlog=4096;
                ssl_certificate {{certificate}};
                ssl_certificate_key {{key}};
                ssl_client_certificate {{clientCa}};
                ssl_verify_client optional;
            {{locations}}
                location @write { proxy_pass http://unix:{{folder}}/write.sock; }
              }
              server {
                listen unix:{{folder}}/write.sock;
                location / { return 201 "{}"; }
              }
            }
            """);
        return new NginxServer(folder, Daemon.Start(Path.Combine(folder, "start.log"), "nginx", "-c", Path.Combine(folder, "nginx.conf")));
    }

    /// <summary>What it complained about at its start.</summary>
    public string Complaints => File.Exists(Path.Combine(_folder, "start.log")) ? File.ReadAllText(Path.Combine(_folder, "start.log")) : "";

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();
}
